"""The quick way, for what comes by the thousand a second: it keeps every promise of the frame without its layers.

A request takes it when it is in every way ordinary: it was there as a whole, no header comes twice, and the gates
(`request_checks.py`) let it pass. Anything else goes the long way, through frame and framework, untouched: so each rule
is written once, and what is odd is answered as it always was.
"""

import contextlib
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import structlog
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from foundation.errors import Unavailable
from server.problems import REQUEST_ID
from server.protocol.http_protocol import AT_ONCE, WHOLE, AnswerAtOnce
from server.request_checks import header
from server.requests import Answer, WholeRequest
from server.response_defaults import KNOWN_METHODS, ResponseDefaults, id_for, lines
from waitingroom.feed.endpoint import PATH as LIVE
from waitingroom.feed.endpoint import LiveFeed
from waitingroom.feed.watcher import Watcher

PERIODS: Final = "/api/v1/periods/"

AsgiWay = Callable[[str, Scope, Receive, Send], Awaitable[bool]]
"""Answers a request about the period of this name. False when it did nothing at all: then it goes the long way."""

AsyncHandler = Callable[[str, WholeRequest], Awaitable[Answer | None]]
"""Answers an ordinary request about the period of this name; None, before it did anything, for the long way."""

SyncWay = Callable[[str, Scope, bytes, AnswerAtOnce], bool]
"""As `Way` for a request that came whole, without a task: it answers now or later, or says False."""

log = structlog.get_logger()


class FastPath:
    """Outside of the frame: looks at the address, and takes the quick way where there is one."""

    def __init__(
        self,
        framed: ASGIApp,
        kept: "ResponseDefaults",
        ways: Mapping[tuple[str, str], AsgiWay],
        taskless: Mapping[tuple[str, str], SyncWay],
    ) -> None:
        """The ways by method (`WS` for a socket) and what follows the period in the address, such as `tickets/me`."""
        self._app, self._kept, self._ways, self._taskless = framed, kept, ways, taskless

    def quick(self, scope: Scope, body: bytes, answer: AnswerAtOnce) -> bool:
        """Answer a request that came whole; False, before anything was done, for the long way (`Requests`)."""
        path = scope["path"]
        if not path.startswith(PERIODS):
            return False
        id, _, rest = path[len(PERIODS) :].partition("/")
        way = self._taskless.get((scope["method"], rest))
        return way is not None and way(id, scope, body, answer)

    def busy(self, scope: Scope) -> tuple[int, bytes, bytes]:
        """The answer where the process has more to do than it can (`Requests`): come back, spread over some seconds."""
        id_ = id_for(header(scope, b"x-request-id"))
        scope[REQUEST_ID] = id_.decode()
        response = self._kept.problems.brief(
            HTTPConnection(scope), Unavailable("web", retry_after=2 + secrets.randbelow(8))
        )
        method = scope["method"] if scope["method"] in KNOWN_METHODS else "other"
        self._kept.tally.add("busy", method, response.status_code, 0.0)
        return response.status_code, self._kept.head(response, id_), bytes(response.body)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if path.startswith(PERIODS):
            id, _, rest = path[len(PERIODS) :].partition("/")
            way = self._ways.get((scope.get("method", "WS"), rest))
            if way is not None and await way(id, scope, receive, send):
                return
        scope.pop(AT_ONCE, None)
        await self._app(scope, receive, send)


class AsyncRoute:
    """The ordinary HTTP requests of one route."""

    def __init__(self, route: str, quick: AsyncHandler, kept: ResponseDefaults) -> None:
        """`route` is the template that figures and log lines name."""
        self._route, self._quick, self._kept = route, quick, kept
        json = (b"content-type", b"application/json"), (b"cache-control", b"no-store")
        self._fixed = lines((*json, *kept.headers))

    async def __call__(self, id: str, scope: Scope, receive: Receive, send: Send) -> bool:
        body = scope.get(WHOLE)
        if body is None:
            return False
        headers = dict(scope["headers"])
        if len(headers) != len(scope["headers"]) or not self._kept.passes(scope):
            return False
        began = time.monotonic()
        id_ = self._kept.begin(scope)
        client = scope["client"]
        try:
            answer = await self._quick(id, WholeRequest(headers, body, client[0] if client else None))
        except Exception as error:
            status, head, content = self._kept.last_resort(scope, id_, self._route, error)
            scope.pop(AT_ONCE)(status, head, content)
        else:
            if answer is None:
                return False
            status = answer.status
            own = (*answer.headers, (b"x-request-id", id_))
            scope.pop(AT_ONCE)(status, self._fixed + lines(own), answer.body)
        self._kept.tally.add(self._route, scope["method"], status, time.monotonic() - began)
        return True


class SocketRoute:
    """The sockets of the live feed: they stand for hours by the thousand, so nothing of the handshake stays behind."""

    def __init__(self, live: LiveFeed, kept: ResponseDefaults) -> None:
        self._live, self._kept = live, kept

    async def __call__(self, id: str, scope: Scope, receive: Receive, send: Send) -> bool:
        if not id or scope["type"] != "websocket" or not self._kept.passes(scope):
            return False
        began = time.monotonic()
        try:
            watcher = await self._open(id, scope, receive, send)
            scope.clear()
            if watcher is not None:
                await self._live.stay(watcher, receive)
        except Exception as error:
            log.error("unexpected", route=LIVE, exc_info=error)
            with contextlib.suppress(Exception):  # closed already: nobody to tell
                await send({"type": "websocket.close", "code": 1011})
        finally:
            self._kept.tally.add(LIVE, "WS", 101, time.monotonic() - began)
        return True

    async def _open(self, id: str, scope: Scope, receive: Receive, send: Send) -> Watcher | None:
        id_ = self._kept.begin(scope)

        async def send_with_id(message: Message) -> None:
            if message["type"] == "websocket.accept":
                message = {**message, "headers": [(b"x-request-id", id_)]}
            await send(message)

        scope["path_params"] = {"id": id}
        return await self._live.open(scope, receive, send_with_id)
