"""What is refused before any route runs: addresses that are none, other sites, bodies too large or too slow.

Each class fails closed: what it cannot judge it refuses. No handler has to think of any of it.
"""

import asyncio
import contextlib
import re
import time
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from foundation.errors import Code, Refusal
from server.problems import Problems
from server.requests import RECEIVED, bearer_in

MOST_BODY_BYTES: Final = 64 * 1024
"""The contract's limit; the longest body of ours, a submission, is under 4 KiB."""

BODY_SECONDS: Final = 10.0
"""For the whole body. 64 KiB in 10 s is a slow telephone line of 1998."""

LINGER_BYTES: Final = 16 * 1024 * 1024

LINGER_SECONDS: Final = 2.0
"""How much of a body that was refused is still read and thrown away. Closing at once would reset the connection, and
the sender would see a broken pipe instead of the refusal."""

MOST_HEADER_BYTES: Final = 32 * 1024
"""All header fields together. A browser with a ticket in ten periods sends some 5 KiB; uvicorn has no limit."""

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})

_PORTS: Final = {"http": 80, "https": 443}

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

_HOST = re.compile(rb"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]*)(:[0-9]{1,5})?")


@lru_cache(1024)
def _is_address(path: str) -> bool:
    return _CONTROL.search(path) is None


@lru_cache(1024)
def _is_host(value: bytes) -> bool:
    return _HOST.fullmatch(value) is not None


class WellFormed:
    """Addresses with control characters (PostgreSQL cannot even compare a NUL), endless headers, a `Host` that no URL
    can be made of: these are no requests. Which host it is does not matter: many addresses lead here.

    A socket closed before it was accepted is an address that does not exist: here it becomes a 404 that says so.
    """

    def __init__(self, app: ASGIApp, problems: Problems) -> None:
        self.app = app
        self._problems = problems

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        if not self.is_request(scope):
            scope["headers"] = [pair for pair in scope["headers"] if pair[0] in (b"accept", b"origin")]
            await deny(scope, receive, send, self._problems, Refusal(Code.BAD_REQUEST))
        elif scope["type"] == "http":
            await self.app(scope, receive, send)
        else:
            await self._socket(scope, receive, send)

    def is_request(self, scope: Scope) -> bool:
        """Whether anything but a refusal can be made of it."""
        if not _is_address(scope["path"]) or b"%00" in scope.get("query_string", b""):
            return False
        if not _is_host(header(scope, b"host") or b""):
            return False
        return sum(map(len, chain.from_iterable(scope["headers"]))) <= MOST_HEADER_BYTES

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
    besides; this is the second lock.
    """

    def __init__(self, app: ASGIApp, problems: Problems, public_url: str) -> None:
        self.app = app
        self._problems = problems
        public = urlsplit(public_url)
        self._scheme = public.scheme
        self._own = origin(public.scheme, public.netloc)
        self._is_own = lru_cache(256)(self._judge)  # the same few browsers' origins, thousands of times

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
        if origins:
            host = header(scope, b"host") or b""
            return len(origins) > 1 or not self._is_own(origins[0], host, scope["scheme"])
        if socket:
            return False  # every browser names its origin in a handshake; this is none
        site = header(scope, b"sec-fetch-site")
        if site is not None:
            return site not in (b"same-origin", b"none")
        return (
            header(scope, b"cookie") is not None
            and bearer_in((header(scope, b"authorization") or b"").decode("latin-1")) is None
        )

    def _judge(self, value: bytes, host: bytes, scheme: str) -> bool:
        """`null` and anything unreadable are foreign. The host we were asked by counts as ours, in our scheme."""
        try:
            given = urlsplit(value.decode("ascii"))
            asked = origin(given.scheme, host.decode("ascii"))
            named = origin(given.scheme, given.netloc)
        except ValueError:
            return False
        if not given.netloc or given.path or given.query or given.fragment or given.scheme not in _PORTS:
            return False
        if named == self._own:
            return True
        carrier = {"ws": "http", "wss": "https"}.get(scheme, scheme)
        return named == asked and given.scheme in (self._scheme, carrier)


class BoundedBodies:
    """Reads a whole body before any handler runs: at most 64 KiB, at most 10 s; and notes when its last byte came.

    A handler that waits for a body would hold what it holds meanwhile; here nothing is held yet. The limit counts what
    arrives, so a wrong or missing `Content-Length` changes nothing.
    """

    def __init__(self, app: ASGIApp, problems: Problems, seconds: float = BODY_SECONDS) -> None:
        self.app = app
        self._problems = problems
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not has_body(scope):
            scope[RECEIVED] = time.monotonic()
            await self.app(scope, receive, send)
            return
        if announced(scope) > MOST_BODY_BYTES:
            await self._refuse(scope, receive, send, Refusal(Code.TOO_LARGE))
            return
        try:
            async with asyncio.timeout(self._seconds):
                body = await read(receive, MOST_BODY_BYTES)
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


def origin(scheme: str, netloc: str) -> tuple[str, str, int | None]:
    """Scheme, host and port, so that `https://a` and `https://A:443` are one. ValueError for a port that is none."""
    parts = urlsplit(f"//{netloc}")
    return scheme.lower(), (parts.hostname or "").lower(), parts.port or _PORTS.get(scheme.lower())


def has_body(scope: Scope) -> bool:
    """HTTP/1.1 has a body only with one of these headers; beyond it any request may have one."""
    if scope.get("http_version", "1.1") not in ("1.0", "1.1"):
        return True
    return any(name in (b"content-length", b"transfer-encoding") for name, _ in scope["headers"])


def announced(scope: Scope) -> int:
    """What `Content-Length` says; 0 when it says nothing that can be read, and what arrives is counted anyway."""
    value = header(scope, b"content-length") or b""
    return int(value[:18]) if value.isdigit() else 0


async def read(receive: Receive, most: int, *, keep: bool = True) -> bytes | None:
    """The body up to its end; None if the client went away. Refusal `too_large` beyond `most` bytes."""
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
    scope: Scope, receive: Receive, send: Send, problems: Problems, refusal: Refusal | None
) -> None:
    """Answers a request, or a handshake that is not accepted, with a refusal; None is the last resort (500)."""
    if scope["type"] == "websocket" and "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008})  # the server makes a bare 403 of it
        return
    conn = HTTPConnection(scope)
    response = problems.broken(conn) if refusal is None else problems.response(conn, refusal)
    await response(scope, receive, send)
