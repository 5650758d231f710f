"""The frame around every request: its id, the headers of its answer, its log line, the last resort.

Plain ASGI classes, one concern each, composed by `frame` around the gates (`server/request_checks.py`) and the routes.
"""

import contextlib
import time
from typing import Final

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect

from foundation.context import request_id
from foundation.events import Events
from server.problems import REQUEST_ID, Problems
from server.request_checks import BODY_SECONDS, BoundedBodies, SameOrigin, WellFormed, deny, header
from server.response_defaults import KNOWN_METHODS, id_for, route_of, security_headers

log = structlog.get_logger()


class AnswerCut(RuntimeError):
    """An answer had begun when its handler failed; the server now cuts the connection. The cause is logged already."""


def frame(
    app: ASGIApp, problems: Problems, events: Events, public_url: str, *, body_seconds: float = BODY_SECONDS
) -> ASGIApp:
    """The application inside its frame; the outermost last. For `Middleware(frame, ...)` too."""
    app = BoundedBodies(app, problems, body_seconds)
    app = SameOrigin(app, problems, public_url)
    app = WellFormed(app, problems)
    app = LastResort(app, problems)
    app = RequestLog(app, events)
    app = SecurityHeaders(app, public_url)
    return RequestIds(app)


class RequestIds:
    """Gives each request an id: in the answer's `X-Request-ID`, in problem documents and in every log line.

    One that comes from outside is kept if it is short and clean, so that a proxy's log and ours can be joined.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        id_ = id_for(header(scope, b"x-request-id"))
        scope[REQUEST_ID] = id_.decode()

        async def send_with_id(message: Message) -> None:
            if message["type"] in _STARTS:
                message = {**message, "headers": [*message.get("headers", ()), (b"x-request-id", id_)]}
            await send(message)

        known = request_id.set(scope[REQUEST_ID])
        try:
            await self._app(scope, receive, send_with_id)
        finally:
            request_id.reset(known)


class SecurityHeaders:
    """What browsers are told on every answer: no foreign code, no frames, no guessing of types (style: strict CSP)."""

    def __init__(self, app: ASGIApp, public_url: str) -> None:
        self._app = app
        self._headers = security_headers(public_url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                own = message.get("headers", [])
                names = {name.lower() for name, _ in own}
                added = (pair for pair in self._headers if pair[0] not in names)
                message = {**message, "headers": [*own, *added]}
            await send(message)

        await self._app(scope, receive, send_with_headers)


class RequestLog:
    """One log line and one count a request: the route's template, never the path, the query or who asked."""

    def __init__(self, app: ASGIApp, events: Events) -> None:
        self._app = app
        self._events = events
        self._log = structlog.get_logger().bind()  # once: a line for each request is worth the 10 µs

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        started = time.monotonic()
        status = 499  # the client went away before an answer began

        async def watched_send(message: Message) -> None:
            nonlocal status
            if message["type"] in _STARTS:
                status = message.get("status", 101)
            await send(message)

        try:
            await self._app(scope, receive, watched_send)
        finally:
            self._note(scope, status, time.monotonic() - started)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = route_of(scope)
        method = scope.get("method", "WS")
        method = method if method == "WS" or method in KNOWN_METHODS else "other"
        self._events.count("http_requests", route=route, method=method, status=str(status))
        if method != "WS":
            self._events.took("http_request", seconds, route=route)
        self._log.info("request", route=route, method=method, status=status, ms=round(seconds * 1000, 1))


class LastResort:
    """What no handler expected: logged without its message, answered without a word of it (fails closed)."""

    def __init__(self, app: ASGIApp, problems: Problems) -> None:
        self._app = app
        self._problems = problems

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        started = finished = False

        async def noting_send(message: Message) -> None:
            nonlocal started, finished
            started = started or message["type"] in _STARTS
            finished = message["type"].endswith("response.body") and not message.get("more_body", False)
            await send(message)

        try:
            await self._app(scope, receive, noting_send)
        except WebSocketDisconnect:
            pass  # the other side left; that is no error
        except Exception as error:
            log.error("unexpected", route=route_of(scope), exc_info=error)
            if not finished:
                await self._answer(scope, receive, send, started)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, started: bool) -> None:
        if not started:
            await deny(scope, receive, send, self._problems, None)
        elif scope["type"] == "websocket":
            with contextlib.suppress(Exception):  # closed already: nobody to tell
                await send({"type": "websocket.close", "code": 1011})
        else:
            raise AnswerCut("the answer was cut") from None


_STARTS: Final = frozenset({"http.response.start", "websocket.accept", "websocket.http.response.start"})
