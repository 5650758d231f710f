"""A visitor is one browser: one connection, its cookies, and an answer or a sentence."""

import asyncio

import pytest
from starlette.types import Receive, Scope, Send

from loadtests.bench.arrival.visitor import Visitor
from tests.support.processes.serving import serving


async def room(scope: Scope, receive: Receive, send: Send) -> None:
    """Gives a cookie, and shows what came."""
    body = dict(scope["headers"]).get(b"cookie", b"none")
    headers = [(b"content-length", b"%d" % len(body)), (b"set-cookie", b"a=1; Path=/")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def test_a_visitor_keeps_its_cookies() -> None:
    """The second request shows what the first was given."""

    def visit(port: int) -> list[str]:
        with Visitor(f"http://127.0.0.1:{port}") as visitor:
            return [visitor.get("/").text(), visitor.get("/").text()]

    with serving(room) as port:
        assert await asyncio.to_thread(visit, port) == ["none", "a=1"]


async def test_another_status_is_said() -> None:
    """With what came instead."""

    def visit(port: int) -> None:
        with Visitor(f"http://127.0.0.1:{port}") as visitor:
            visitor.post("/", [("a", "b")], "/")

    with serving(room) as port:
        with pytest.raises(SystemExit, match="answered 200"):
            await asyncio.to_thread(visit, port)
