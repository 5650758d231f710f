"""The middleware around every route: id, headers, log line and last resort of each answer.

One plain ASGI class over `ResponseDefaults`; `framed` puts it around the checks (`request_checks.py`) and the routes.
"""

import contextlib
import time
from collections.abc import Mapping
from typing import Final

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect

from foundation.context import request_id
from server.hosts import Hosts
from server.networks import Callers
from server.request_checks import (
    BODY_SECONDS,
    NOTHING_LONGER,
    NOTHING_RESERVED,
    BoundedBodies,
    ReservedAddresses,
    SameOrigin,
    WellFormed,
    deny,
    header,
)
from server.response_defaults import ResponseDefaults, method_of, route_of

log = structlog.get_logger()

CLIENT_GONE: Final = 499
"""The status in log and figures when the client went away before an answer began."""

_STARTS: Final = frozenset({"http.response.start", "websocket.accept", "websocket.http.response.start"})


class AnswerCut(RuntimeError):
    """An answer had begun when its handler failed; the server now cuts the connection. The cause is logged already."""


def framed(
    app: ASGIApp,
    defaults: ResponseDefaults,
    hosts: Hosts,
    *,
    reserved: Mapping[str, Callers] = NOTHING_RESERVED,
    body_seconds: float = BODY_SECONDS,
    longer: Mapping[str, int] = NOTHING_LONGER,
) -> ASGIApp:
    """The application inside its middleware; the outermost last. For `Middleware(framed, ...)` too."""
    app = BoundedBodies(app, defaults.problems, body_seconds, longer)
    app = SameOrigin(app, defaults.problems, hosts)
    app = ReservedAddresses(app, defaults.problems, reserved)
    app = WellFormed(app, defaults.problems, hosts)
    return WithDefaults(app, defaults)


class WithDefaults:
    """Gives each answer what every answer has (`ResponseDefaults`), and answers for a handler that failed.

    One log line and one count a request: the route's template, never the path, the query or who asked. An id that comes
    from outside is kept if it is short and clean, so that a proxy's log and ours can be joined.
    """

    def __init__(self, app: ASGIApp, defaults: ResponseDefaults) -> None:
        self.app, self._defaults = app, defaults
        self._log = structlog.get_logger().bind()  # once: a line for each request is worth the 10 µs

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        before = request_id.get()
        answer = Answering(send, self._defaults, self._defaults.begin(scope, header(scope, b"x-request-id")))
        began = time.monotonic()
        try:
            await self.app(scope, receive, answer)
        except WebSocketDisconnect:
            pass  # the other side left; that is no error
        except Exception as error:
            log.error("unexpected", route=route_of(scope), exc_info=error)
            if not answer.finished:
                await self._last_resort(scope, receive, answer)
        finally:
            self._note(scope, answer.status, time.monotonic() - began)
            request_id.set(before)

    async def _last_resort(self, scope: Scope, receive: Receive, answer: "Answering") -> None:
        """Answered without a word of what went wrong (fails closed)."""
        if not answer.started:
            await deny(scope, receive, answer, self._defaults.problems, None)
        elif scope["type"] == "websocket":
            with contextlib.suppress(Exception):  # closed already
                await answer({"type": "websocket.close", "code": 1011})
        else:
            raise AnswerCut("the answer was cut") from None

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route, method, events = route_of(scope), method_of(scope), self._defaults.events
        events.count("http_requests", route=route, method=method, status=str(status))
        if method != "WS":
            events.took("http_request", seconds, route=route)
        self._log.info("request", route=route, method=method, status=status, ms=round(seconds * 1000, 1))


class Answering:
    """The way out of one request: adds the defaults to the start of its answer, and knows how far that has gone."""

    def __init__(self, send: Send, defaults: ResponseDefaults, id_: bytes) -> None:
        self._send, self._defaults, self._id = send, defaults, id_
        self.started = self.finished = False
        self.status = CLIENT_GONE

    async def __call__(self, message: Message) -> None:
        kind = message["type"]
        if kind in _STARTS:
            self.started, self.status = True, message.get("status", 101)
            headers = [*message.get("headers", ()), (b"x-request-id", self._id)]
            if kind != "websocket.accept":
                headers = self._defaults.added_to(headers, self.status)
            message = {**message, "headers": headers}
        self.finished = kind.endswith("response.body") and not message.get("more_body", False)
        await self._send(message)
