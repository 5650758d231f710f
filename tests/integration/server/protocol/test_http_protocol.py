"""Deadlines and limits of the head: a connection that never becomes a request is closed (slowloris)."""

import socket
import time

import pytest

from server.protocol.http_protocol import HttpProtocol
from tests.integration.server.protocol.test_websocket_protocol import HANDSHAKES
from tests.support.plain_app import ask, in_middleware
from tests.support.processes.serving import answer, raw, serving, status_of

DRIPS = {
    "nothing at all": b"",
    "half a line": b"GET /ec",
    "half a head": b"GET /echo HTTP/1.1\r\nHost: x\r\nX-A: b",
}


@pytest.mark.parametrize(
    "request_",
    [
        b"GARBAGE\r\n\r\n",
        b"SNATCH /echo HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /echo HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"GET /echo HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX: "
        + b"x" * 20_000
        + b"\r\n\r\n",
    ],
)
def test_what_never_becomes_a_request_has_an_id_too(port: int, request_: bytes) -> None:
    """Every answer carries `X-Request-ID`, and no cache keeps it, also the server's own to what it cannot read."""
    got = raw(port, request_)
    assert 400 <= status_of(got) < 500, got
    assert got.lower().count(b"\r\nx-request-id: ") == 1, got
    assert got.lower().count(b"\r\ncache-control: no-store\r\n") == 1, got


class HastyProtocol(HttpProtocol):
    """With a deadline that a test can wait for."""

    head_seconds = 0.4


def open_for(port: int, sent: bytes, seconds: float) -> float | None:
    """How long a connection that sends this, then a byte now and then, stays open; None: longer than `seconds`."""
    started = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout=0.05) as connection:
        connection.sendall(sent)
        while time.monotonic() - started < seconds:
            try:
                if connection.recv(1000) == b"":
                    return time.monotonic() - started
            except TimeoutError:
                connection.sendall(b"c" if sent else b"")
            except ConnectionResetError:
                return time.monotonic() - started
    return None


@pytest.mark.parametrize("name", DRIPS)
def test_a_connection_that_never_becomes_a_request_is_closed(name: str) -> None:
    """Silence and dripping headers end at the deadline, on the first request as on the second."""
    before = b"GET /echo HTTP/1.1\r\nHost: x\r\n\r\n"
    with serving(in_middleware(), http=HastyProtocol) as port:
        for sent in (DRIPS[name], before + DRIPS[name] if DRIPS[name] else b""):
            took = open_for(port, sent, 4)
            assert took is not None
            assert 0.3 < took < 3


def test_headers_without_end_are_cut(port: int) -> None:
    """One header of megabytes is not collected: the answer comes long before its end."""
    got = raw(port, b"GET /echo HTTP/1.1\r\nHost: x\r\nX-A: ", *[b"x" * 16_384] * 20)
    assert status_of(got) == 400


def test_a_slow_body_is_not_a_slow_head() -> None:
    """The deadline of the head ends with the head: a body has its own."""
    with serving(in_middleware(), http=HastyProtocol) as port:
        with socket.create_connection(("127.0.0.1", port), timeout=0.5) as connection:
            connection.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab")
            with pytest.raises(TimeoutError):
                connection.recv(1)
            connection.sendall(b"cd")
            connection.settimeout(5)
            assert status_of(answer(connection)) == 200


def test_uvicorn_alone_waits_for_ever() -> None:
    """Twin: with uvicorn's own classes an unreadable handshake and a dripping head have no answer and no end."""
    with serving(in_middleware(), http="httptools", ws="websockets-sansio") as port:
        with pytest.raises(TimeoutError):
            raw(port, HANDSHAKES["long header"][0], seconds=0.5)
        assert open_for(port, DRIPS["half a head"], 1) is None


@pytest.mark.parametrize(
    "bad",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"GET\r\n\r\n", b"NONSENSE / HTTP/1.1\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n", b"CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"POST / HTTP/1.1\r\nContent-Length: 1x\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET /\x00 HTTP/1.1\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
    ids=repr,
)  # fmt: skip
def test_what_is_not_http_never_hangs_or_breaks(port: int, bad: bytes) -> None:
    """The server or the frame answers 4xx, and the next request is served."""
    got = raw(port, bad)
    assert got == b"" or 400 <= status_of(got) < 500
    assert ask(port, "GET", "/echo")[0] == 200
