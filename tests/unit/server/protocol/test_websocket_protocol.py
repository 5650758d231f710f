"""A handshake that another parser has read is judged as one that the library read itself."""

import pytest
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol

from server.protocol.websocket_protocol import (
    HEAD,
    LONGEST_LINE,
    MOST_LINES,
    accept_of,
    is_ordinary,
    request_of,
)

KEY = (b"sec-websocket-key", b"dGhlIHNhbXBsZSBub25jZQ==")

LINES = [
    (b"host", b"guichet.example"), (b"connection", b"keep-alive, Upgrade"), (b"upgrade", b"websocket"),
    (b"origin", b"https://guichet.example"), (b"sec-websocket-version", b"13"), KEY, (b"cookie", b"visitor=\xe9"),
]  # fmt: skip


def judged(
    lines: list[tuple[bytes, bytes]], method: str = "GET", target: bytes = b"/live?a=b"
) -> tuple[int, int]:
    """The status by the library alone, and the one by what is handed to it."""
    whole = ServerProtocol()
    head = b"".join([b"%b: %b\r\n" % line for line in lines])
    whole.receive_data(b"%b %b HTTP/1.1\r\n%b\r\n" % (method.encode(), target, head))
    (request,) = whole.events_received()
    assert is_ordinary(method, target, lines) and isinstance(request, Request)
    handed, plain = ServerProtocol(), request_of(target, lines)
    handed.receive_data(HEAD)
    assert len(handed.events_received()) == 1
    answers = whole.accept(request), handed.accept(plain)
    keys = [one.headers.get("Sec-WebSocket-Accept") for one in answers]
    at_once = accept_of(dict(lines)) if len(dict(lines)) == len(lines) else None
    assert at_once in (None, (keys[0] or "").encode())
    assert at_once is not None or answers[0].status_code != 101
    assert keys[0] == keys[1] and plain.path == request.path
    return answers[0].status_code, answers[1].status_code


def without(*names: bytes) -> list[tuple[bytes, bytes]]:
    return [line for line in LINES if line[0] not in names]


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (LINES, 101),
        (without(b"origin", b"cookie"), 101),
        (without(b"upgrade"), 426),
        (without(b"connection"), 426),
        (without(b"sec-websocket-key"), 400),
        ([*LINES, KEY], 400),
        (without(b"sec-websocket-version"), 400),
        ([*without(b"sec-websocket-version"), (b"sec-websocket-version", b"8")], 400),
        ([*without(b"sec-websocket-key"), (b"sec-websocket-key", b"short")], 400),
        ([*LINES, (b"sec-websocket-extensions", b"permessage-deflate; client_max_window_bits")], 101),
        ([*LINES, (b"sec-websocket-protocol", b"chat, superchat")], 101),
    ],
)
def test_a_handshake_is_judged_the_same_whoever_parsed_it(
    lines: list[tuple[bytes, bytes]], status: int
) -> None:
    """The same status and the same answer to the key."""
    assert judged(lines) == (status, status)


def test_after_the_head_the_library_reads_frames() -> None:
    """What stands for the handshake leaves its parser where a real one would."""
    conn = ServerProtocol()
    conn.receive_data(HEAD)
    conn.events_received()
    request = request_of(b"/live", LINES)
    assert request is not None
    conn.send_response(conn.accept(request))
    conn.receive_data(b"\x81\x86\0\0\0\0hidden")
    (frame,) = conn.events_received()
    assert isinstance(frame, Frame) and (frame.opcode, bytes(frame.data)) == (Opcode.TEXT, b"hidden")


@pytest.mark.parametrize(
    ("method", "target", "lines"),
    [
        ("POST", b"/live", LINES),
        ("GET", b"/caf\xc3\xa9", LINES),
        ("GET", b"/" + b"a" * LONGEST_LINE, LINES),
        ("GET", b"/live", [*LINES, (b"content-length", b"5")]),
        ("GET", b"/live", [*LINES, (b"transfer-encoding", b"chunked")]),
        ("GET", b"/live", [*LINES, (b"cookie", b"x" * 20_000)]),
        ("GET", b"/live", LINES + [(b"x-%d" % n, b"a") for n in range(MOST_LINES)]),
    ],
)
def test_what_is_odd_is_the_librarys_to_parse(
    method: str, target: bytes, lines: list[tuple[bytes, bytes]]
) -> None:
    """It has bounds of its own, and words for what is beyond them."""
    assert not is_ordinary(method, target, lines)
