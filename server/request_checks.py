"""What is refused before any route runs: addresses that are none, hosts and sites of others, bodies too large or slow.

Each class fails closed: what it cannot judge it refuses. No handler has to think of any of it.
"""

import asyncio
import contextlib
import re
import time
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from itertools import chain
from typing import Final

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from foundation.errors import Code, Refusal
from server.hosts import Hosts
from server.networks import Callers
from server.problems import Problems
from server.requests import RECEIVED, bearer_in

MOST_BODY_BYTES: Final = 64 * 1024
"""The contract's limit; the longest body of ours, a submission, is under 4 KiB."""

BODY_SECONDS: Final = 10.0
"""For each 64 KiB of a body: a slow telephone line of 1998."""

NOTHING_LONGER: Final[Mapping[str, int]] = {}
"""No address takes more than `MOST_BODY_BYTES`."""

LINGER_BYTES: Final = 16 * 1024 * 1024

LINGER_SECONDS: Final = 2.0
"""How much of a body that was refused is still read and thrown away. Closing at once would reset the connection, and
the sender would see a broken pipe instead of the refusal."""

MOST_HEADER_BYTES: Final = 32 * 1024
"""All header fields together. A browser with a ticket in ten periods sends some 5 KiB; uvicorn has no limit."""

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@lru_cache(1024)
def _is_address(path: str) -> bool:
    return _CONTROL.search(path) is None


class WellFormed:
    """Addresses with control characters (PostgreSQL cannot even compare a NUL), endless headers, no `Host` or one that
    no URL can be made of: these are no requests. And what asks for another host is none of ours (421).

    A socket closed before it was accepted is an address that does not exist: here it becomes a 404 that says so.
    """

    def __init__(self, app: ASGIApp, problems: Problems, hosts: Hosts) -> None:
        self.app = app
        self._problems, self._hosts = problems, hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        refusal = self.refusal(scope)
        if refusal is not None:
            scope["headers"] = [pair for pair in scope["headers"] if pair[0] in (b"accept", b"origin")]
            # A page with a template would ask the same wrong host for its styles.
            brief = refusal.code is Code.MISDIRECTED
            await deny(scope, receive, send, self._problems, refusal, brief=brief)
        elif scope["type"] == "http":
            await self.app(scope, receive, send)
        else:
            await self._socket(scope, receive, send)

    def passes(self, scope: Scope, headers: Mapping[bytes, bytes]) -> bool:
        """Whether there is no `refusal`, for a request whose headers are these, each of them once."""
        if not self._hosts.is_usual(headers.get(b"host")):
            return self.refusal(scope) is None
        size = len(b"".join(headers)) + len(b"".join(headers.values()))
        return (
            size <= MOST_HEADER_BYTES and _is_address(scope["path"]) and b"%00" not in scope["query_string"]
        )

    def refusal(self, scope: Scope) -> Refusal | None:
        """Why nothing but a refusal can be made of it; None for a request."""
        if not _is_address(scope["path"]) or b"%00" in scope.get("query_string", b""):
            return Refusal(Code.BAD_REQUEST)
        if sum(map(len, chain.from_iterable(scope["headers"]))) > MOST_HEADER_BYTES:
            return Refusal(Code.BAD_REQUEST)
        return self._hosts.refusal(scope)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        opened = False

        async def explaining_send(message: Message) -> None:
            nonlocal opened
            if message["type"] == "websocket.close" and not opened:
                await deny(scope, receive, send, self._problems, Refusal(Code.NOT_FOUND))
                return
            opened = True
            await send(message)

        await self.app(scope, receive, explaining_send)


class SameOrigin:
    """Other sites cannot act with our visitors' cookies: unsafe requests and sockets need an origin of our own.

    A program that shows its ticket as Bearer and names no origin is no browser, and passes. Cookies are SameSite=Lax
    besides; this is the second lock. Browsers from before 2020 may send neither `Origin` nor `Sec-Fetch-Site` with a
    form: then the page that it stood on, which our own policy lets them name, has to be ours.
    """

    def __init__(self, app: ASGIApp, problems: Problems, hosts: Hosts) -> None:
        self.app = app
        self._problems, self._hosts = problems, hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket") and self.is_foreign(scope):
            await deny(scope, receive, send, self._problems, Refusal(Code.FOREIGN_ORIGIN))
            return
        await self.app(scope, receive, send)

    def is_foreign(self, scope: Scope) -> bool:
        """Whether another site's page may be behind it."""
        socket = scope["type"] == "websocket"
        if not socket and scope["method"] in SAFE_METHODS:
            return False
        origins = [value for name, value in scope["headers"] if name == b"origin"]
        host = header(scope, b"host") or b""
        if origins:
            return len(origins) > 1 or not self._hosts.is_own(origins[0], host)
        if socket:
            return False  # every browser names its origin in a handshake; this is none
        site = header(scope, b"sec-fetch-site")
        if site is not None:
            return site not in (b"same-origin", b"none")
        if header(scope, b"cookie") is None:
            return False
        if bearer_in((header(scope, b"authorization") or b"").decode("latin-1")) is not None:
            return False
        return not self._hosts.is_own_page(header(scope, b"referer") or b"", host)


NOTHING_RESERVED: Final[Mapping[str, Callers]] = {}
"""Every address for everybody."""


class ReservedAddresses:
    """Addresses that only some callers reach. To everybody else they are none: 404, whatever is behind them."""

    def __init__(self, app: ASGIApp, problems: Problems, reserved: Mapping[str, Callers]) -> None:
        """`reserved` by the beginning of a path: `/metrics` is that address and all below it."""
        self.app, self._problems = app, problems
        self._reserved = tuple(reserved.items())
        self._begins = tuple(reserved)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket") and self.hides(scope):
            await deny(scope, receive, send, self._problems, Refusal(Code.NOT_FOUND))
            return
        await self.app(scope, receive, send)

    def hides(self, scope: Scope) -> bool:
        """Whether this address is reserved for others."""
        path: str = scope["path"]
        if not path.startswith(self._begins):
            return False
        return any(
            (path == begins or path.startswith(f"{begins}/")) and not callers.include(scope)
            for begins, callers in self._reserved
        )


class BoundedBodies:
    """Reads a whole body before any handler runs: at most 64 KiB, at most 10 s; and notes when its last byte came.

    A handler that waits for a body would hold what it holds meanwhile; here nothing is held yet. The limit counts what
    arrives, so a wrong or missing `Content-Length` changes nothing. Addresses whose page gives a text that is too long
    back to whoever typed it take more, each 64 KiB of it in the same time.
    """

    def __init__(
        self,
        app: ASGIApp,
        problems: Problems,
        seconds: float = BODY_SECONDS,
        longer: Mapping[str, int] = NOTHING_LONGER,
    ) -> None:
        """`longer`: the beginnings of paths whose posts may be longer, and how many bytes they may have."""
        self.app = app
        self._problems = problems
        self._seconds = seconds
        self._longer = dict(longer)

    def most(self, scope: Scope) -> int:
        """How many bytes the body of this request may have."""
        if scope["method"] != "POST":
            return MOST_BODY_BYTES
        path: str = scope["path"]
        return next(
            (most for begins, most in self._longer.items() if path.startswith(begins)), MOST_BODY_BYTES
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not has_body(scope):
            scope[RECEIVED] = time.monotonic()
            await self.app(scope, receive, send)
            return
        most = self.most(scope)
        if announced(scope) > most:
            await self._refuse(scope, receive, send, Refusal(Code.TOO_LARGE))
            return
        try:
            began = asyncio.get_running_loop().time()
            async with asyncio.timeout(self._seconds) as limit:

                def came(size: int) -> None:
                    limit.reschedule(began + self._seconds * (1 + size // MOST_BODY_BYTES))

                body = await read(receive, most, came=came if most > MOST_BODY_BYTES else None)
        except TimeoutError:
            await self._refuse(scope, None, send, Refusal(Code.BAD_REQUEST, cause="too_slow"))
            return
        except Refusal as refusal:
            await self._refuse(scope, receive, send, refusal)
            return
        if body is None:
            return  # the client went away in the middle
        scope[RECEIVED] = time.monotonic()
        await self.app(scope, replay(body, receive), send)

    async def _refuse(self, scope: Scope, receive: Receive | None, send: Send, refusal: Refusal) -> None:
        """Answers at once and closes; with `receive` only after what is still under way has been thrown away."""
        conn = HTTPConnection(scope)
        response = self._problems.response(conn, refusal, {"Connection": "close"})
        start = {
            "type": "http.response.start",
            "status": response.status_code,
            "headers": response.raw_headers,
        }
        await send(start)
        await send({"type": "http.response.body", "body": response.body, "more_body": True})
        if receive is not None:
            with contextlib.suppress(TimeoutError, Refusal):
                async with asyncio.timeout(LINGER_SECONDS):
                    await read(receive, LINGER_BYTES, keep=False)
        await send({"type": "http.response.body", "body": b""})


def header(scope: Scope, name: bytes) -> bytes | None:
    """The first header of this lower-case name."""
    headers: Iterable[tuple[bytes, bytes]] = scope["headers"]
    for key, value in headers:
        if key == name:
            return value
    return None


def has_body(scope: Scope) -> bool:
    """HTTP/1.1 has a body only with one of these headers; beyond it any request may have one."""
    if scope.get("http_version", "1.1") not in ("1.0", "1.1"):
        return True
    return any(name in (b"content-length", b"transfer-encoding") for name, _ in scope["headers"])


def announced(scope: Scope) -> int:
    """What `Content-Length` says; 0 when it says nothing that can be read, and what arrives is counted anyway."""
    value = header(scope, b"content-length") or b""
    return int(value[:18]) if value.isdigit() else 0


async def read(
    receive: Receive, most: int, *, keep: bool = True, came: Callable[[int], None] | None = None
) -> bytes | None:
    """The body up to its end; None if the client went away. Refusal `too_large` beyond `most` bytes. `came` hears how
    many bytes are here."""
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > most:
            raise Refusal(Code.TOO_LARGE)
        if came is not None:
            came(size)
        if keep:
            chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


def replay(body: bytes, receive: Receive) -> Receive:
    """Gives the body once more, then whatever the connection has to say."""
    given = False

    async def replayed() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed


async def deny(
    scope: Scope,
    receive: Receive,
    send: Send,
    problems: Problems,
    refusal: Refusal | None,
    *,
    brief: bool = False,
) -> None:
    """Answers a request, or a handshake that is not accepted, with a refusal; None is the last resort (500). `brief` is
    on a page that asks for nothing more."""
    if scope["type"] == "websocket" and "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008})  # the server makes a bare 403 of it
        return
    conn = HTTPConnection(scope)
    if refusal is None:
        response = problems.broken(conn)
    else:
        response = problems.brief(conn, refusal) if brief else problems.response(conn, refusal)
    await response(scope, receive, send)
