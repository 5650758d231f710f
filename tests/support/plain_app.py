"""A plain application inside the middleware, on a real server: what the tests of the server ask."""

import asyncio
import contextlib
import json
import socket
import threading
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection
from typing import Any

import websockets
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from foundation.errors import Code, Refusal
from foundation.events import Events
from server.hosts import Hosts
from server.middleware import framed
from server.networks import Callers
from server.problems import Problems
from server.protocol.http_protocol import HttpProtocol
from server.request_checks import NOTHING_RESERVED
from server.requests import incoming
from server.response_defaults import ResponseDefaults

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"

POST = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"


HALF = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"


class Three(HttpProtocol):
    """Works on three requests at once."""

    most_at_work = 3


class Boundless(HttpProtocol):
    """The same protection, off."""

    most_at_work = None


class Slow:
    """An application that answers nobody until it may."""

    def __init__(self) -> None:
        self.may = threading.Event()
        self.at_work = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.at_work += 1
        while scope["path"] == "/" and not self.may.is_set():
            await asyncio.sleep(0.005)
        self.at_work -= 1
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})


@contextlib.contextmanager
def asking(port: int, requests: list[bytes]) -> Iterator[list[socket.socket]]:
    """One connection a request, each sent."""
    with contextlib.ExitStack() as stack:
        opened = [
            stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20)) for _ in requests
        ]
        for one, request in zip(opened, requests, strict=True):
            one.sendall(request)
        yield opened


BODY_SECONDS = 0.6


class CountedEvents(Events):
    """Keeps what was counted."""

    def __init__(self) -> None:
        self.seen: list[dict[str, str]] = []

    def count(self, name: str, n: int = 1, /, **labels: str) -> None:
        self.seen.append({"name": name, **labels})


async def echo(request: Request) -> Response:
    body = await request.body()
    return PlainTextResponse(f"{len(body)} {incoming(request).age_ms()}")


async def late(request: Request) -> Response:
    await asyncio.sleep(0.3)
    return PlainTextResponse(str(incoming(request).age_ms()))


async def fail(request: Request) -> Response:
    raise RuntimeError("canary-1234")


async def cut(request: Request) -> Response:
    async def half() -> Any:
        yield b"half"
        raise RuntimeError("canary-1234")

    return StreamingResponse(half(), headers={"content-length": "1000"})


async def live(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("hello")
    await socket.close(1000)


async def refused_live(socket: WebSocket) -> None:
    raise Refusal(Code.NO_TICKET)


async def broken_live(socket: WebSocket) -> None:
    await socket.accept()
    raise RuntimeError("canary-1234")


def plain() -> Starlette:
    """A small application with one route of each kind; no frame yet."""
    problems = Problems("http://guichet.example")
    routes = [
        Route("/echo", echo, methods=["GET", "POST", "DELETE"]), Route("/late", late, methods=["POST"]),
        Route("/long", echo, methods=["POST", "DELETE"]),
        Route("/fail", fail), Route("/cut", cut), Route("/things/{id}", echo),
        WebSocketRoute("/live", live), WebSocketRoute("/refused", refused_live), WebSocketRoute("/broken", broken_live),
    ]  # fmt: skip
    return Starlette(routes=routes, exception_handlers=problems.handlers())


LONGER = {"/long": 4 * 64 * 1024}
"""An address that takes longer bodies than others."""

ANYWHERE = ("127.0.0.1", 8000)
"""Served under any name, as the demo is: most tests ask by an address and a port."""


def in_middleware(
    events: Events | None = None,
    public_url: str = "http://guichet.example",
    *,
    any_host: bool = True,
    reserved: Mapping[str, Callers] = NOTHING_RESERVED,
) -> ASGIApp:
    problems = Problems(public_url)
    defaults = ResponseDefaults(problems, events or Events(), public_url)
    hosts = Hosts(public_url, demo_at=ANYWHERE if any_host else None)
    return framed(plain(), defaults, hosts, reserved=reserved, body_seconds=BODY_SECONDS, longer=LONGER)


def ask(
    port: int, method: str, path: str, body: Any = None, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """One request; header names with underscores for hyphens."""
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body, sent)
    got = connection.getresponse()
    result = got.status, {name.lower(): value for name, value in got.getheaders()}, got.read()
    connection.close()
    return result


def code_of(body: bytes | bytearray) -> str:
    return str(json.loads(body)["code"])


def chunks(size: int, of: int = 8192) -> Iterator[bytes]:
    for _ in range(size // of):
        yield b"x" * of


async def handshake(port: int, path: str, **headers: str) -> websockets.ClientConnection:
    return await websockets.connect(
        f"ws://127.0.0.1:{port}{path}", additional_headers=headers, open_timeout=5, compression=None
    )
