"""The fast path, for what comes by the thousand a second: it keeps every promise of the middleware without its layers.

A request takes it when it is in every way ordinary: it was here as a whole, no header comes twice, and the checks
(`request_checks.py`) let it pass. Anything else goes through middleware and framework, to the same handler
(`framework_routes`): each rule is written once, and what is odd is answered as it always was.
"""

import asyncio
import contextlib
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, Protocol

import structlog
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from foundation.context import request_id
from foundation.errors import Unavailable
from server.hosts import Hosts
from server.networks import Callers
from server.protocol.http_protocol import AnswerAtOnce, TaskWork
from server.protocol.standing_sockets import OpenSocket, QuickSocketHandler
from server.request_checks import NOTHING_RESERVED, ReservedAddresses, SameOrigin, WellFormed, header
from server.requests import Answer, Handler, Incoming, Respond, Work, received
from server.response_defaults import ResponseDefaults, id_for, lines, method_of
from server.responses import response_of
from server.wire import WireProtocol

log = structlog.get_logger()


class FastRoute(NamedTuple):
    """A call of the fast path. The path has one parameter, such as `/api/v1/periods/{id}/tickets`, more, or none."""

    method: str
    path: str
    handler: Handler


class StandingSocket(QuickSocketHandler, Protocol):
    """A handler of sockets that stand for hours by the thousand: it may keep nothing of the handshake.

    Where it cannot tell at once whether a socket stands, it is awaited, and so is what the socket says.
    """

    async def open(self, scope: Scope, receive: Receive, send: Send) -> Any:
        """Take the handshake; what `stay` needs, or None when it is over already."""

    async def stay(self, opened: Any, receive: Receive, /) -> None:
        """Until either side ends it."""


class SocketRoute(NamedTuple):
    """A socket of the fast path; the path as in `FastRoute`."""

    path: str
    handler: StandingSocket


LONGEST_REMEMBERED, MOST_REMEMBERED = 128, 1000
"""Addresses that are remembered with their places: a crowd asks the same few; what strangers make up fills nothing."""


class Places:
    """Which route an address leads to: by what stands before and behind its one parameter. The few paths that have
    more are tried as patterns, and remembered like all."""

    def __init__(self) -> None:
        self._patterns: list[tuple[str, re.Pattern[str], Any]] = []
        self._by_prefix: dict[str, dict[tuple[str, str], tuple[Any, str]]] = {}
        self._known: dict[tuple[str, str], tuple[Any, dict[str, str]]] = {}

    def add(self, method: str, path: str, route: Any) -> None:
        prefix, parameter, rest = path.partition("{")
        if not parameter:
            self._known[method, path] = route, {}
            return
        if "{" in rest:
            pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(path))
            self._patterns.append((method, re.compile(pattern), route))
            return
        name, _, suffix = rest.rstrip("}").partition("}/")
        self._by_prefix.setdefault(prefix, {})[method, suffix] = route, name

    def find(self, method: str, path: str) -> tuple[Any, dict[str, str]] | None:
        """The route and the parameters of this address, by name; for reading only, as they are remembered."""
        known = self._known.get((method, path))
        return known if known is not None else self._look(method, path)

    def _look(self, method: str, path: str) -> tuple[Any, dict[str, str]] | None:
        for prefix, routes in self._by_prefix.items():
            if path.startswith(prefix):
                value, slash, suffix = path[len(prefix) :].partition("/")
                found = routes.get((method, suffix))
                if found is not None and value and (suffix or not slash):  # a slash too many is redirected
                    return self._remembered(method, path, (found[0], {found[1]: value}))
        for asked, pattern, route in self._patterns:
            if asked == method and (match := pattern.fullmatch(path)) is not None:
                return self._remembered(method, path, (route, match.groupdict()))
        return None

    def _remembered(
        self, method: str, path: str, place: tuple[Any, dict[str, str]]
    ) -> tuple[Any, dict[str, str]]:
        if len(path) <= LONGEST_REMEMBERED and len(self._known) < MOST_REMEMBERED:
            self._known[method, path] = place
        return place


class FastPath:
    """Outside of the middleware: looks at the address, and answers by the fast path where there is one."""

    def __init__(
        self,
        app: ASGIApp,
        defaults: ResponseDefaults,
        hosts: Hosts,
        routes: Sequence[FastRoute] = (),
        sockets: Sequence[SocketRoute] = (),
        reserved: Mapping[str, Callers] = NOTHING_RESERVED,
    ) -> None:
        """`app` is the application in its middleware; it has the same routes (`framework_routes`)."""
        self.app = app
        self._defaults = defaults
        self._well_formed = WellFormed(_nowhere, defaults.problems, hosts)
        self._same_origin = SameOrigin(_nowhere, defaults.problems, hosts)
        self._reserved = ReservedAddresses(_nowhere, defaults.problems, reserved)
        self._places = Places()
        for route in routes:
            if route.path.startswith(tuple(reserved)):
                raise ValueError(f"{route.path} is reserved: the fast path does not look who asks")
            self._places.add(route.method, route.path, route)
        self.sockets = tuple(sockets)
        for socket in sockets:
            self._places.add("WS", socket.path, socket)

    def quick(
        self, scope: Scope, headers: dict[bytes, bytes], body: bytes, answer: AnswerAtOnce
    ) -> bool | TaskWork:
        """Answer a request that came whole, now or later; or give back what has to run for the answer, as a task.

        False, before anything was done, for what the application answers.
        """
        place = self._places.find(scope["method"], scope["path"])
        if place is None:
            return False
        if len(headers) != len(scope["headers"]) or not self._well_formed.passes(scope, headers):
            return False
        if scope["method"] != "GET" and self._same_origin.is_foreign(scope):
            return False
        route, parameters = place
        scope["path_params"] = parameters  # as the framework does: the page of a refusal names the period
        came = Incoming(scope, body, parameters, headers)
        respond = partial(self._done, route, scope, answer, headers.get(b"x-request-id"), came.arrived)
        try:
            work = route.handler(came, respond)
        except Exception as error:
            respond(error)
            return True
        return True if work is None else partial(self._run, work, route, scope, answer, came)

    async def _run(
        self,
        work: Work,
        route: FastRoute,
        scope: Scope,
        answer: AnswerAtOnce,
        came: Incoming,
    ) -> None:
        id_ = id_for(came.headers.get(b"x-request-id"))
        request_id.set(id_.decode())  # of this task
        try:
            found: Answer | Exception = await work()
        except Exception as error:
            found = error
        self._done(route, scope, answer, id_, came.arrived, found)

    def _done(
        self,
        route: FastRoute,
        scope: Scope,
        answer: AnswerAtOnce,
        given: bytes | None,
        began: float,
        found: Answer | Exception,
    ) -> None:
        id_ = id_for(given)
        if isinstance(found, Exception):
            status, head, body = self._failed(scope, id_, found, route.path)
        else:
            status, body = found.status, found.body
            fixed, own = self._defaults.ready(found.kind, status), found.headers
            head = b"%b%bx-request-id: %b\r\n" % (fixed, lines(own) if own else b"", id_)
        answer(status, head, body)
        self._defaults.tally.add(route.path, route.method, status, time.monotonic() - began)

    def _failed(self, scope: Scope, id_: bytes, error: Exception, route: str) -> tuple[int, bytes, bytes]:
        self._defaults.name(scope, id_)
        response = self._defaults.failed(scope, error, route)
        return response.status_code, self._defaults.head(response, id_), bytes(response.body)

    def overloaded(self, scope: Scope) -> tuple[int, bytes, bytes]:
        """The answer where the process has more to do than it can (load shedding): come back, spread over seconds."""
        id_ = self._defaults.name(scope, header(scope, b"x-request-id"))
        refusal = Unavailable("web", retry_after=2 + secrets.randbelow(8))
        response = self._defaults.problems.brief(HTTPConnection(scope), refusal)
        self._defaults.tally.add("busy", method_of(scope), response.status_code, 0.0)
        return response.status_code, self._defaults.head(response, id_), bytes(response.body)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            place = self._places.find("WS", scope["path"])
            if place is not None and not self._reserved.hides(scope) and self._passes(scope):
                await self._stand(*place, scope, receive, send)
                return
        await self.app(scope, receive, send)

    def stand(self, scope: Scope, wire: WireProtocol) -> OpenSocket | None:
        """A socket without a task, where its handler can tell at once. None, before anything was done, for what the
        application answers."""
        place = self._places.find("WS", scope["path"])
        pairs = scope["headers"]
        headers = dict(pairs)
        if place is None or len(headers) != len(pairs):
            return None
        if self._reserved.hides(scope) or not self._passes(scope):
            return None
        (path, handler), parameters = place
        listener = handler.stand(Incoming(scope, b"", parameters, headers), wire)
        if listener is None:
            return None
        return OpenSocket(listener, wire, id_for(headers.get(b"x-request-id")), self._defaults.tally, path)

    async def _stand(
        self, route: SocketRoute, parameters: dict[str, str], scope: Scope, receive: Receive, send: Send
    ) -> None:
        """A socket for as long as it stands. Nothing of its handshake stays behind."""
        began = time.monotonic()
        scope["path_params"] = parameters
        try:
            opened = await self._open(route.handler, scope, receive, send)
            scope.clear()
            if opened is not None:
                await route.handler.stay(opened, receive)
        except Exception as error:
            log.error("unexpected", route=route.path, exc_info=error)
            with contextlib.suppress(Exception):  # closed already
                await send({"type": "websocket.close", "code": 1011})
        finally:
            self._defaults.tally.add(route.path, "WS", 101, time.monotonic() - began)

    async def _open(self, handler: StandingSocket, scope: Scope, receive: Receive, send: Send) -> Any:
        id_ = self._defaults.begin(scope, header(scope, b"x-request-id"))

        async def send_with_id(message: Message) -> None:
            if message["type"] == "websocket.accept":
                message = {**message, "headers": [(b"x-request-id", id_)]}
            await send(message)

        return await handler.open(scope, receive, send_with_id)

    def _passes(self, scope: Scope) -> bool:
        """Whether the checks let this request or handshake pass; what they refuse the application answers."""
        return self._well_formed.refusal(scope) is None and not self._same_origin.is_foreign(scope)


async def _nowhere(scope: Scope, receive: Receive, send: Send) -> None:
    raise AssertionError("the checks are only asked here")


def framework_routes(routes: Sequence[FastRoute]) -> list[BaseRoute]:
    """The same calls for the framework: for what did not come whole, or is odd in another way."""
    return [Route(route.path, endpoint(route.handler), methods=[route.method]) for route in routes]


def endpoint(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """A handler of the fast path as one of the framework."""

    async def answered(request: Request) -> Response:
        came = await received(request)
        if request.method == "HEAD":  # a range is one of what a GET brings (RFC 9110, 14.2)
            came.headers = {name: value for name, value in came.headers.items() if name != b"range"}
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        work = handler(came, _settling(future))
        return response_of(await (future if work is None else work()))

    return answered


def _settling(future: asyncio.Future[Answer]) -> Respond:
    def respond(found: Answer | Exception) -> None:
        if future.done():  # the client went away meanwhile
            return
        if isinstance(found, Exception):
            future.set_exception(found)
        else:
            future.set_result(found)

    return respond
