"""Many browsers at once, one connection each, light enough that the server is what is measured."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Final, TypeVar, cast

from loadtests.bench.arrival.answers import ServerAnswer, take_answer, take_frame
from loadtests.bench.arrival.plan import Ask, Journey

TOGETHER: Final = 64
"""So many arrive at the same moment; who has arrived stays connected."""

MOST_SECONDS: Final = 150.0

Item = TypeVar("Item")


class JourneyLine(asyncio.Protocol):
    """A connection that goes through one journey: each request leaves with the end of the answer before it.

    A held one sends each request only when it is told to `go`.
    """

    def __init__(self, journey: Journey, held: bool = False) -> None:
        self._journey, self._held = journey, held
        self.next: Ask | None = next(journey)
        self._asked = self._upgraded = False
        self._rest = b""
        self.received = 0
        self.turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done when the journey is; a held line's also with each answer."""
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's does not inherit it
        if not self._held:
            self._send()

    def data_received(self, data: bytes) -> None:
        self.received += len(data)
        self._rest = self._rest + data if self._rest else data
        self._read()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.turn.done():
            self.turn.set_exception(SystemExit(f"the connection was closed before {self.next}"))

    def go(self) -> "asyncio.Future[None]":
        """Send the next request of a held line; done with its answer."""
        self.turn = asyncio.get_running_loop().create_future()
        self._send()
        self._read()
        return self.turn

    def _send(self) -> None:
        assert self.next is not None
        self._asked = True
        if self.next.data:
            self.transport.write(self.next.data)

    def _read(self) -> None:
        try:
            while self._asked and (taken := (take_frame if self._upgraded else take_answer)(self._rest)):
                answer, self._rest = taken
                self._answered(answer)
        except SystemExit as wrong:
            self._asked = False
            self.turn.set_exception(wrong)

    def _answered(self, answer: ServerAnswer) -> None:
        self._asked = False
        self._upgraded = self._upgraded or answer.status == 101
        try:
            self.next = self._journey.send(answer)
        except StopIteration:
            self.next = None
        if self.next is None or self._held:
            self.turn.set_result(None)
        else:
            self._send()


class BrowserCrowd:
    """Browsers at one server. `close` when what they did was looked at: until then they stay connected."""

    def __init__(self, host: str) -> None:
        name, _, port = host.rpartition(":")
        self._address = name, int(port)
        self.lines: list[JourneyLine] = []

    async def arrive(self, journeys: Sequence[Journey]) -> None:
        """Every journey to its end, `TOGETHER` at a time. Raises SystemExit for the first that went wrong."""

        async def one(journey: Journey) -> None:
            await (await self._connect(journey)).turn

        await _together(one, journeys)

    async def connect(self, journeys: Sequence[Journey]) -> None:
        """A held connection for each of these journeys."""

        async def one(journey: Journey) -> None:
            await self._connect(journey, held=True)

        await _together(one, journeys)

    async def step(self) -> None:
        """The next request of everybody, and its answer."""

        async def one(line: JourneyLine) -> None:
            await line.go()

        await _together(one, self.lines)

    async def close(self) -> None:
        """Hang up."""
        for line in self.lines:
            line.transport.close()
        self.lines = []
        await asyncio.sleep(0)

    @property
    def received(self) -> int:
        """Bytes that came, heads included."""
        return sum(line.received for line in self.lines)

    async def _connect(self, journey: Journey, held: bool = False) -> JourneyLine:
        loop = asyncio.get_running_loop()
        _, line = await loop.create_connection(lambda: JourneyLine(journey, held), *self._address)
        self.lines.append(line)
        return line


async def _together(work: Callable[[Item], Awaitable[None]], items: Sequence[Item]) -> None:
    """This work on each, `TOGETHER` at a time."""

    async def some(left: Iterator[Item]) -> None:
        for item in left:
            await work(item)

    left = iter(items)
    async with asyncio.timeout(MOST_SECONDS):
        await asyncio.gather(*(some(left) for _ in range(TOGETHER)))
