"""Thousands of sockets in one process: frames are read however they come, and ages are counted."""

import argparse
import asyncio
from collections import Counter
from pathlib import Path

import pytest

from loadtests.people.watchers import CLOSE, TEXT, Socket, WatcherCrowd, percentile

OPENED = b"HTTP/1.1 101 Switching Protocols\r\n\r\n"

FRAME = b'{"number":1,"state":"waiting","ahead":0}'


def crowd(tickets: Path | None = None) -> WatcherCrowd:
    return WatcherCrowd(argparse.Namespace(host="h", port=1, path="/live", source="", tickets=tickets))


@pytest.mark.parametrize("step", [1, 3, 1000])
async def test_frames_are_read_however_they_come(step: int) -> None:
    """The handshake, a short frame, a long one, a close: in one piece or byte by byte."""
    everybody = crowd()
    one = Socket(everybody, b"", wants_frame=True)
    everybody.sockets.append(one)
    long = b'{"number":1,"state":"drained","ahead":0,"x":"%b"}' % (b"y" * 200)
    data = (
        OPENED + bytes((TEXT, len(FRAME))) + FRAME + bytes((TEXT, 126)) + len(long).to_bytes(2, "big") + long
    )
    data += bytes((CLOSE, 2)) + (1000).to_bytes(2, "big")
    for at in range(0, len(data), step):
        one.data_received(data[at : at + step])
    assert (everybody.handshakes, everybody.heard, everybody.frames) == (1, 1, 2)
    assert one.frame == long
    assert everybody.positions()["positions"] == [(1, "drained", 0)]
    assert everybody.counts()["closed"] == {"1000": 1}
    assert (await everybody.until("drained"))["told"] == 1


async def test_a_refused_handshake_is_shown() -> None:
    """The first one; it is no socket."""
    everybody = crowd()
    Socket(everybody, b"", wants_frame=True).data_received(b"HTTP/1.1 403 Forbidden\r\n\r\n")
    assert everybody.counts()["trouble"].startswith("HTTP/1.1 403")
    assert everybody.counts()["sockets"] == 0


async def test_a_ticket_is_shown_at_the_door(tmp_path: Path) -> None:
    """A ticket a socket; a bare one shows none."""
    (tmp_path / "tickets").write_text("one\ntwo\n")
    everybody = crowd(tmp_path / "tickets")
    assert everybody.tickets == ["one", "two"]
    assert b"Authorization: Bearer one\r\n" in everybody.head("one")
    assert b"Authorization" not in everybody.head("")
    await asyncio.sleep(0)


@pytest.mark.parametrize(("part", "value"), [(0.5, 2), (0.99, 9), (1.0, 9)])
def test_parts_of_counts(part: float, value: int) -> None:
    """The value below which this part lies; none of nothing."""
    assert percentile(Counter({1: 2, 2: 2, 9: 1}), part) == value
    assert percentile(Counter(), part) is None
