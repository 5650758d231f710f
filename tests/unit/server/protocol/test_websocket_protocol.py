"""A handshake that another parser has read is judged as one that the library read itself."""

import asyncio
from typing import Any, NamedTuple

import pytest
from uvicorn.config import Config
from uvicorn.server import ServerState
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol

from server.protocol.upgrade import UpgradingProtocol
from server.protocol.websocket_protocol import (
    HEAD,
    LONGEST_LINE,
    MOST_LINES,
    WebSocketProtocol,
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


class KeptBytes(asyncio.Transport):
    """Keeps what is written; says whether it was closed."""

    def __init__(self) -> None:
        super().__init__()
        self.written, self.closed = b"", False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data)

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


class StandingApp:
    """Every socket stands at once; keeps what it hears."""

    id_ = b"abcdefgh"

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    async def __call__(self, scope: object, receive: object, send: object) -> None: ...

    def stand(self, scope: object, wire: object) -> "StandingApp":
        return self

    def begin(self) -> bytes:
        return b"{}"

    put_nowait = property(lambda self: self.events.append)


class Stood(NamedTuple):
    """A socket that stands, after its handshake."""

    app: StandingApp
    protocol: WebSocketProtocol
    transport: KeptBytes

    @property
    def has_library(self) -> bool:
        return self.protocol._library is not None

    def say(self, frame: bytes) -> None:
        self.transport.written = b""
        self.protocol.data_received(frame)


@pytest.fixture
async def stood() -> Stood:
    app, state = StandingApp(), ServerState()
    config = Config(
        app, http=UpgradingProtocol, ws=WebSocketProtocol, ws_per_message_deflate=False, proxy_headers=False,
        lifespan="off", log_config=None,
    )  # fmt: skip
    config.load()
    loop = asyncio.get_running_loop()
    before = UpgradingProtocol(config=config, server_state=state, app_state={}, _loop=loop)
    before.transport, before.scheme = KeptBytes(), "http"
    protocol = WebSocketProtocol(config, state, {}, loop)
    assert protocol.take(before, "GET", b"/live", LINES)
    transport = before.transport
    assert transport.written.startswith(b"HTTP/1.1 101 ") and transport.written.endswith(b"\x81\x02{}")
    return Stood(app, protocol, transport)


def masked(opcode: int, body: bytes, mask: bytes = b"\x01\x02\x03\x04") -> bytes:
    """A frame of a client."""
    hidden = bytes(one ^ mask[n % 4] for n, one in enumerate(body))
    length = bytes([0x80 | len(body)]) if len(body) < 126 else b"\xfe" + len(body).to_bytes(2, "big")
    return bytes([opcode]) + length + mask + hidden


HEARD = "websocket.receive"


async def test_a_socket_that_stands_needs_no_library(stood: Stood) -> None:
    """Signs of life and what a page says of its tab are read without one, and so is the end."""
    stood.protocol.ping()
    stood.say(masked(0x8A, b""))
    assert not stood.protocol.silent()
    for text in ("hidden", "visible", "", "é" * 40):
        stood.say(masked(0x81, text.encode()))
        assert stood.app.events[-1] == {"type": HEARD, "text": text}
    stood.protocol.connection_lost(None)
    assert stood.app.events[-1] == {"type": "websocket.disconnect", "code": 1005}
    assert not stood.has_library


@pytest.mark.parametrize(
    ("frames", "event", "answer"),
    [
        ([masked(0x81, b"x" * 300)], {"type": HEARD, "text": "x" * 300}, b""),
        ([masked(0x01, b"hid"), masked(0x80, b"den")], {"type": HEARD, "text": "hidden"}, b""),
        ([masked(0x81, b"hidden")[:5], masked(0x81, b"hidden")[5:]], {"type": HEARD, "text": "hidden"}, b""),
        ([masked(0x82, b"\0")], {"type": HEARD, "bytes": b"\0"}, b""),
        ([masked(0x89, b"you")], None, b"\x8a\x03you"),
        ([masked(0x88, b"\x03\xe9")], {"type": "websocket.disconnect", "code": 1001}, b"\x88\x02\x03\xe9"),
        ([b"\x81\x02hi"], {"type": "websocket.disconnect", "code": 1002}, b"\x88\x13\x03\xeaincorrect"),
        ([masked(0x81, b"\xff\xfe")], {"type": "websocket.disconnect", "code": 1007}, b"\x88"),
        ([masked(0xC1, b"hidden")], {"type": "websocket.disconnect", "code": 1002}, b"\x88"),
    ],
)  # fmt: skip
async def test_any_other_frame_is_the_librarys(
    stood: Stood, frames: list[bytes], event: dict[str, object] | None, answer: bytes
) -> None:
    """Made when the first of them comes, in the place where the handshake left it."""
    stood.say(masked(0x81, b"hidden"))
    del stood.app.events[:]
    for frame in frames:
        stood.say(frame)
    assert stood.has_library
    if event is None:
        assert stood.app.events == []
    else:
        assert {name: stood.app.events[0].get(name) for name in event} == event
    assert stood.transport.written.startswith(answer)


async def test_a_close_of_ours_is_answered_and_the_connection_ends(stood: Stood) -> None:
    """Once, whatever the client says in between; and nothing more is sent."""
    stood.protocol.end(4429)
    assert stood.transport.written.endswith(b"\x88\x02\x11\x4d")
    stood.say(masked(0x81, b"hidden"))
    assert [one["type"] for one in stood.app.events] == ["websocket.disconnect"]
    stood.say(masked(0x89, b""))  # the library's, which knows that we have closed
    assert stood.has_library
    assert not stood.transport.closed
    stood.say(masked(0x88, b"\x11\x4d"))
    assert (stood.transport.closed, stood.transport.written) == (True, b"")
    stood.protocol.connection_lost(None)


async def test_a_process_that_ends_sends_it_away(stood: Stood) -> None:
    """With 1012, as uvicorn does."""
    stood.protocol.shutdown()
    assert stood.transport.written.endswith(b"\x88\x02\x03\xf4") and stood.transport.closed
