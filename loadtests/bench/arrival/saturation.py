"""One request over and over, on connections that are kept open: how many answers there were in a time."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from itertools import cycle
from typing import Final, cast

CONNECTIONS: Final = 64

DRAIN_SECONDS: Final = 10.0

LENGTH: Final = b"content-length: "


class SaturatingLine(asyncio.Protocol):
    """A connection with one request in flight until the time is up."""

    def __init__(self, heads: Iterator[bytes], begins: bytes, until: float) -> None:
        self._heads, self._begins, self._until = heads, begins, until
        self._rest = b""
        self.answers = self.received = 0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's does not inherit it
        self._transport.write(next(self._heads))

    def data_received(self, data: bytes) -> None:
        self.received += len(data)
        if self._rest:
            data = self._rest + data
        end = data.find(b"\r\n\r\n")
        if end < 0 or len(data) < end + 4 + self._length(data, end):
            self._rest = data
            return
        self._rest = b""
        self.answers += 1
        if not data.startswith(self._begins):
            self._end(SystemExit(f"{self._begins!r} was awaited, and this came: {data[:400]!r}"))
        elif time.perf_counter() < self._until:
            self._transport.write(next(self._heads))
        else:
            self._end()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(SystemExit("a connection was closed"))

    @staticmethod
    def _length(data: bytes, end: int) -> int:
        at = data.find(LENGTH, 0, end + 2)
        return (
            int(data[at + len(LENGTH) : data.index(b"\r\n", at)]) if at >= 0 and data[9:12] != b"304" else 0
        )

    def _end(self, wrong: SystemExit | None = None) -> None:
        if self.done.done():
            return
        if wrong is None:
            self.done.set_result(None)
        else:
            self.done.set_exception(wrong)
        self._transport.close()


async def saturate(host: str, heads: Sequence[bytes], status: int, seconds: float) -> tuple[int, int]:
    """Ask for these in turn for so long: the answers, and the bytes that came. SystemExit for another status."""
    name, _, port = host.rpartition(":")
    loop, waiting = asyncio.get_running_loop(), cycle(heads)
    until, begins = time.perf_counter() + seconds, b"HTTP/1.1 %d " % status
    lines = [
        (await loop.create_connection(lambda: SaturatingLine(waiting, begins, until), name, int(port)))[1]
        for _ in range(CONNECTIONS)
    ]
    async with asyncio.timeout(seconds + DRAIN_SECONDS):
        await asyncio.gather(*(line.done for line in lines))
    return sum(line.answers for line in lines), sum(line.received for line in lines)
