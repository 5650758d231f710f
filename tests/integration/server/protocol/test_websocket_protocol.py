"""Handshakes: opened with an id, refused with a reason, closed with a code."""

import pytest
import websockets

from tests.support.plain_app import ask, code_of, handshake
from tests.support.processes.serving import raw, status_of

START = b"GET /live HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"

KEY = b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

HANDSHAKES = {
    "no key": (START + b"\r\n", 400),
    "old version": (START + b"Sec-WebSocket-Version: 8\r\nSec-WebSocket-Key: x\r\n\r\n", 400),
    "wrong method": (START.replace(b"GET", b"POST") + KEY + b"\r\n", 405),
    "long header": (START + KEY + b"Cookie: " + b"x" * 20_000 + b"\r\n\r\n", 431),
    "many headers": (START + KEY + b"".join(b"X-%d: a\r\n" % n for n in range(200)) + b"\r\n", 431),
    "a body": (START + KEY + b"Content-Length: 5\r\n\r\nabcde", 400),
}


async def test_a_socket_from_our_own_page_opens_with_an_id(port: int) -> None:
    """So does one of a program that names no origin."""
    for headers in ({"Origin": f"http://127.0.0.1:{port}"}, {"Origin": "http://guichet.example"}, {}):
        async with await handshake(port, "/live", **headers) as opened:
            assert await opened.recv() == "hello"
            assert opened.response is not None
            assert len(opened.response.headers["x-request-id"]) >= 8


@pytest.mark.parametrize(
    ("path", "headers", "status", "code"),
    [
        ("/live", {"Origin": "http://evil.example"}, 403, "foreign_origin"),
        ("/live", {"Origin": "null"}, 403, "foreign_origin"),
        ("/live", {"Origin": "http://evil.example", "Authorization": "Bearer x"}, 403, "foreign_origin"),
        ("/nothing", {}, 404, "not_found"),
        ("/a%00b", {}, 400, "bad_request"),
    ],
)
async def test_a_refused_handshake_says_why(
    port: int, path: str, headers: dict[str, str], status: int, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    """An HTTP answer with a problem document and an id, before any socket is open; and nobody fills our log with it."""
    with pytest.raises(websockets.InvalidStatus) as caught:
        await handshake(port, path, **headers)
    response = caught.value.response
    assert response.status_code == status
    assert code_of(response.body) == code
    assert len(response.headers["x-request-id"]) >= 8
    assert ask(port, "GET", "/echo")[0] == 200  # the refused connection is over with
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == []


@pytest.mark.parametrize(("path", "code"), [("/refused", 4401), ("/broken", 1011)])
async def test_a_socket_that_cannot_go_on_is_closed_with_a_code(port: int, path: str, code: int) -> None:
    """A refusal has its own close code; our own failure has 1011."""
    async with await handshake(port, path) as opened:
        with pytest.raises(websockets.ConnectionClosed):
            await opened.recv()
        assert opened.close_code == code


@pytest.mark.parametrize("name", HANDSHAKES)
def test_a_handshake_that_is_none_is_answered_and_closed(port: int, name: str) -> None:
    """Whatever is wrong with it: a status, and the connection ends."""
    sent, status = HANDSHAKES[name]
    assert status_of(raw(port, sent)) == status
