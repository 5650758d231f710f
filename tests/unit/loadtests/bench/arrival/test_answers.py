"""Answers and frames are taken whole, however they come."""

import gzip

import pytest

from loadtests.bench.arrival.answers import ServerAnswer, take_answer, take_frame

LENGTH = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"

HINTED = b"HTTP/1.1 103 Early Hints\r\nlink: </a.css>; rel=preload\r\n\r\n" + LENGTH

CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n1;x=y\r\nc\r\n0\r\n\r\n"

UNCHANGED = b"HTTP/1.1 304 Not Modified\r\ncontent-length: 3\r\n\r\n"

UPGRADED = b"HTTP/1.1 101 Switching Protocols\r\n\r\n"


@pytest.mark.parametrize(
    ("sent", "status", "body"),
    [
        (LENGTH, 200, b"abc"),
        (HINTED, 200, b"abc"),
        (CHUNKED, 200, b"abc"),
        (UNCHANGED, 304, b""),
        (UPGRADED, 101, b""),
    ],
)
def test_an_answer_is_taken_when_it_is_whole(sent: bytes, status: int, body: bytes) -> None:
    """None before its last byte; what follows stays."""
    assert all(take_answer(sent[:end]) is None for end in range(len(sent)))
    taken = take_answer(sent + b"HTTP")
    assert taken is not None
    assert (taken[0].status, taken[0].body, taken[1]) == (status, body, b"HTTP")


def test_an_answer_without_an_end_is_said() -> None:
    """It would end with the connection: there is nothing to go on with."""
    with pytest.raises(SystemExit, match="where it ends"):
        take_answer(b"HTTP/1.1 200 OK\r\n\r\nabc")


def test_a_page_is_read_as_it_was_compressed() -> None:
    """Only gzip was asked for."""
    head = b"HTTP/1.1 200 OK\r\ncontent-encoding: %b\r\n\r\n"
    assert ServerAnswer(200, head % b"gzip", gzip.compress("é".encode())).text() == "é"
    assert ServerAnswer(200, b"HTTP/1.1 200 OK\r\n\r\n", "é".encode()).text() == "é"
    with pytest.raises(SystemExit, match="br"):
        ServerAnswer(200, head % b"br", b"").text()


def test_a_frame_is_taken_when_it_is_whole() -> None:
    """A short and a long one; a ping is no frame, and a close is the end."""
    long = b"x" * 300
    sent = b"\x89\x01p" + b"\x81\x03abc" + b"\x81\x7e" + len(long).to_bytes(2, "big") + long
    assert take_frame(sent[:7]) is None
    first = take_frame(sent)
    assert first is not None and first[0].body == b"abc"
    second = take_frame(first[1])
    assert second == (ServerAnswer(0, b"", long), b"")
    assert take_frame(first[1][:3]) is None
    with pytest.raises(SystemExit, match="awaited"):
        take_frame(b"\x88\x02\x11\x41")
