"""Joins as fast as a server answers them: raw connections kept open, requests prepared beforehand, one in flight each.

Light on purpose: the generator must never be what is measured. It looks at the status of an answer and at its length,
and at nothing else. Every request is a new person, known by an `Idempotency-Key` that was never used before.
"""

import asyncio
import secrets
import time
from collections.abc import Iterable, Iterator
from itertools import count
from typing import NamedTuple, cast

CONNECTIONS = 128

DRAIN_SECONDS = 10.0
"""Answers that are still on their way at the end count, so that every number given is one answered."""

AGENT = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/137.0.0.0 Safari/537.36"
)

CREATED = b"HTTP/1.1 201 "

LENGTH = b"content-length: "


class Volley(NamedTuple):
    """What came back: how many 201, in how many seconds, whatever else there was, and the seconds each 201 took."""

    answers: int
    seconds: float
    wrong: int
    first_wrong: bytes
    took: list[float]

    @property
    def per_second(self) -> float:
        return self.answers / self.seconds

    def within_ms(self, share: float) -> float:
        """This share of the answers came within so many milliseconds; 0.5 is the median."""
        ordered = sorted(self.took)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000 if ordered else 0.0


def requests(host: str, port: int, path: str) -> Iterator[bytes]:
    """The bytes of one join after the other; they differ in their key only."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}:{port}\r\nUser-Agent: {AGENT}\r\n"
        f"Accept: application/json\r\nContent-Type: application/json\r\nContent-Length: 2\r\nIdempotency-Key: "
    ).encode()
    run = secrets.token_hex(16).encode()
    for number in count(1):
        yield b"%b%b%012x\r\n\r\n{}" % (head, run, number)


class BarrageConnection(asyncio.Protocol):
    """One kept-open connection: the next request goes out with the end of the answer before it."""

    def __init__(self, barrage: "Barrage") -> None:
        self.barrage = barrage
        self.rest = b""
        self.sent = 0.0
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's does not inherit it

    def data_received(self, data: bytes) -> None:
        self.rest += data
        end = self.rest.find(b"\r\n\r\n")
        if end < 0:
            return
        at = self.rest.find(LENGTH, 0, end + 2)
        length = int(self.rest[at + len(LENGTH) : self.rest.index(b"\r\n", at)]) if at >= 0 else 0
        if len(self.rest) < end + 4 + length:
            return
        answer, self.rest = self.rest, b""
        self.barrage.answered(self, answer)

    def connection_lost(self, exc: Exception | None) -> None:
        self.barrage.lost(self)


class Barrage:
    """All connections of one volley. `done` when the time is up and every answer is here. An answer that begins with
    `good` counts."""

    def __init__(self, waiting: Iterator[bytes], good: bytes = CREATED) -> None:
        self.waiting, self.good = waiting, good
        self.open: set[BarrageConnection] = set()
        self.answers = self.wrong = 0
        self.first_wrong = b""
        self.took: list[float] = []
        self.until = 0.0
        self.ended = 0.0
        self.done = asyncio.Event()

    def begin(self, connections: list[BarrageConnection], seconds: float) -> None:
        self.open = set(connections)
        self.until = time.perf_counter() + seconds
        for connection in connections:
            self._ask(connection, time.perf_counter())

    def _ask(self, connection: BarrageConnection, now: float) -> None:
        request = next(self.waiting, None)
        if request is None:
            self._end(connection)
            return
        connection.sent = now
        connection.transport.write(request)

    def answered(self, connection: BarrageConnection, answer: bytes) -> None:
        now = time.perf_counter()
        if answer.startswith(self.good):
            self.answers += 1
            self.took.append(now - connection.sent)
        else:
            self._wrong(answer)
        if now < self.until:
            self._ask(connection, now)
        else:
            self._end(connection)

    def lost(self, connection: BarrageConnection) -> None:
        if connection in self.open:
            self._wrong(b"the connection was closed")
            self._end(connection)

    def _wrong(self, answer: bytes) -> None:
        self.wrong += 1
        self.first_wrong = self.first_wrong or answer[:300]

    def _end(self, connection: BarrageConnection) -> None:
        self.open.discard(connection)
        connection.transport.close()
        if not self.open:
            self.ended = time.perf_counter()
            self.done.set()


async def fire(host: str, port: int, path: str, seconds: float, connections: int = CONNECTIONS) -> Volley:
    """Keep `connections` requests in flight for so long, then wait for the last answers. OSError, TimeoutError."""
    return await _fire(host, port, requests(host, port, path), seconds, connections)


async def fire_all(
    host: str,
    port: int,
    waiting: Iterable[bytes],
    seconds: float,
    connections: int = CONNECTIONS,
    good: bytes = CREATED,
) -> Volley:
    """Send all of these, `connections` at a time. OSError; TimeoutError when that takes longer than `seconds`."""
    return await _fire(host, port, iter(waiting), seconds, connections, good)


async def _fire(
    host: str, port: int, waiting: Iterator[bytes], seconds: float, connections: int, good: bytes = CREATED
) -> Volley:
    barrage = Barrage(waiting, good)
    loop = asyncio.get_running_loop()
    lines = [
        (await loop.create_connection(lambda: BarrageConnection(barrage), host, port))[1]
        for _ in range(connections)
    ]
    began = time.perf_counter()
    barrage.begin(lines, seconds)
    async with asyncio.timeout(seconds + DRAIN_SECONDS):
        await barrage.done.wait()
    return Volley(barrage.answers, barrage.ended - began, barrage.wrong, barrage.first_wrong, barrage.took)
