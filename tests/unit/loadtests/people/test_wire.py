"""HTTP and WebSocket as the people of a rehearsal speak them."""

import asyncio

import pytest

from loadtests.journey.steps import JourneyAnswer
from loadtests.people import wire


class FrameEar:
    """An owner that writes down what it is told."""

    def __init__(self) -> None:
        self.heard: list[object] = []

    def answered(self, answer: JourneyAnswer) -> None:
        self.heard.append(answer)

    def opened(self) -> None:
        self.heard.append("open")

    def received(self, text: bytes) -> None:
        self.heard.append(text)

    def ended(self, line: wire.ClientConnection, code: int) -> None:
        self.heard.append(code)


ANSWER = (
    b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 8\r\n"
    b"Set-Cookie: visitor=v.1; Path=/; HttpOnly\r\nSet-Cookie: old=x; Max-Age=0\r\nX-Request-ID: 7\r\n\r\n"
    b'{"a": 1}'
)

UPGRADED = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"


@pytest.mark.parametrize("step", [1, 7, 1000])
def test_an_answer_is_read_however_it_comes(step: int) -> None:
    """Byte by byte or at once: status, headers in lower case, cookies and those that are taken back, the JSON."""
    ear = FrameEar()
    line = wire.ClientConnection(ear)
    for at in range(0, len(ANSWER), step):
        line.data_received(ANSWER[at : at + step])
    (answer,) = ear.heard
    assert isinstance(answer, JourneyAnswer)
    assert (answer.status, answer.cookies, answer.body) == (201, {"visitor": "v.1", "old": ""}, {"a": 1})
    assert answer.headers["x-request-id"] == "7"


@pytest.mark.parametrize("step", [1, 7, 1000])
def test_frames_are_read_however_they_come(step: int) -> None:
    """After the handshake: short and long texts, and the code of the close."""
    ear = FrameEar()
    line = wire.ClientConnection(ear)
    long = b"x" * 300
    close = bytes((0x88, 2)) + (4401).to_bytes(2, "big")
    data = (
        UPGRADED + bytes((0x81, 2)) + b"{}" + bytes((0x81, 126)) + len(long).to_bytes(2, "big") + long + close
    )
    for at in range(0, len(data), step):
        line.data_received(data[at : at + step])
    line.connection_lost(None)
    assert ear.heard == ["open", b"{}", long, 4401]


def test_what_is_cut_off_says_so() -> None:
    """A line that ends without a close frame is broken (1006)."""
    ear = FrameEar()
    line = wire.ClientConnection(ear)
    line.data_received(UPGRADED)
    line.connection_lost(None)
    assert ear.heard == ["open", 1006]


def test_a_client_masks_what_it_sends() -> None:
    """RFC 6455 closes on whoever does not; unmasked it is the payload again."""
    frame = wire.masked(0x9, b"abcdef")
    key, body = frame[2:6], frame[6:]
    assert frame[:2] == bytes((0x89, 0x86))
    assert bytes(byte ^ key[at % 4] for at, byte in enumerate(body)) == b"abcdef"


async def test_a_modem_reads_no_faster_than_its_line() -> None:
    """1,400 bytes take two tenths of a second at 7,000 a second, however fast they were sent; none is lost."""

    served = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(ANSWER * 8)
        await reader.read()
        writer.close()
        await writer.wait_closed()
        served.set()

    ear, loop = FrameEar(), asyncio.get_running_loop()
    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        began = loop.time()
        _, line = await loop.create_connection(lambda: wire.SlowConnection(ear, 7_000), "127.0.0.1", port)
        while not ear.heard:
            await asyncio.sleep(0.01)
        assert loop.time() - began >= len(ANSWER * 8) / 7_000
        line.close()
        await served.wait()


HINTED = b"HTTP/1.1 103 Early Hints\r\nLink: </static/base.css>; rel=preload\r\n\r\n"

PAGE = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 12\r\n\r\n"
    b"<p>\xc3\xa9t\xc3\xa9</p>"
)


@pytest.mark.parametrize("step", [1, 7, 1000])
def test_hints_are_no_answer_and_a_page_is_read_as_it_is(step: int) -> None:
    """The answer is the one behind the hint, and its size is its own; the text of an uncompressed page is kept."""
    ear = FrameEar()
    line = wire.ClientConnection(ear)
    data = HINTED + PAGE
    for at in range(0, len(data), step):
        line.data_received(data[at : at + step])
    (answer,) = ear.heard
    assert isinstance(answer, JourneyAnswer)
    assert (answer.status, answer.body, line.size) == (200, "<p>été</p>", len(PAGE))


def test_a_compressed_page_is_not_read() -> None:
    """Whoever asked for it knows its kind already."""
    ear = FrameEar()
    line = wire.ClientConnection(ear)
    line.data_received(PAGE.replace(b"\r\n\r\n", b"\r\nContent-Encoding: br\r\n\r\n", 1))
    (answer,) = ear.heard
    assert isinstance(answer, JourneyAnswer)
    assert (answer.body, answer.headers["content-encoding"]) == (None, "br")


def test_a_form_says_that_it_is_one() -> None:
    """With the length of its body."""
    sent = wire.request("h", "POST", "/p", {}, b"a=1", "application/x-www-form-urlencoded")
    assert b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 3\r\n\r\na=1" in sent
