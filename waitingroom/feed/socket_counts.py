"""How many sockets each ticket has, counted over all web processes.

Each process tells the line how many it holds itself: a number, not a step, so telling it twice or late does no harm.
Fails open: without Redis every socket is admitted, and the count is told with the next heartbeat of presence.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Final

from foundation.batching import Batcher
from foundation.errors import Unavailable
from waitingroom.line.store import Line
from waitingroom.tickets import Ticket

MOST_SOCKETS: Final = 3
"""Of one ticket, over all processes: some tabs of one browser."""

Place = tuple[str, int]
"""A period's uid and a number: whose sockets are counted together."""


class SocketCounts:
    """The sockets of this process by ticket, and what the line was told of them."""

    def __init__(self, line: Line, process: str) -> None:
        """`process` names this one among all, as its heartbeat does."""
        self._line, self._process = line, process
        self._open: Counter[Place] = Counter()
        self._untold: set[Place] = set()
        self._batcher: Batcher[tuple[Place, int], bool] = Batcher(self._tell_together)

    async def admit(self, ticket: Ticket) -> bool:
        """Count one more socket of this number, whichever of its tickets is shown; False when it has enough."""
        place = ticket.uid, ticket.number
        if self._open[place] >= MOST_SOCKETS:
            return False
        self._open[place] += 1
        if await self._tell(place):
            return True
        self._release(place)
        return False

    async def dismiss(self, ticket: Ticket) -> None:
        """Count one socket less."""
        place = ticket.uid, ticket.number
        self._release(place)
        await self._tell(place)

    def enter(self, ticket: Ticket, full: Callable[[], None]) -> bool:
        """`admit` without waiting: False when it has enough here already; `full` is called where the line says so."""
        place = ticket.uid, ticket.number
        if self._open[place] >= MOST_SOCKETS:
            return False
        self._open[place] += 1
        self._put(place, lambda reply: full() if reply is False else None)
        return True

    def leave(self, ticket: Ticket) -> None:
        """`dismiss` without waiting."""
        place = ticket.uid, ticket.number
        self._release(place)
        self._put(place, lambda reply: None)

    def _put(self, place: Place, then: Callable[[bool | BaseException], None]) -> None:
        def told(reply: bool | BaseException) -> None:
            if isinstance(reply, BaseException):
                self._untold.add(place)
            then(reply)

        try:
            self._batcher.put((place, self._open[place]), told)
        except Unavailable:
            self._untold.add(place)

    async def heartbeat(self, uid: str) -> None:
        """Say that this process lives, and what the line does not know of this period's counts. Raises Unavailable."""
        if not await self._line.sockets(uid, self._process, (), MOST_SOCKETS):
            self._untold.update(place for place in self._open if place[0] == uid)  # a loss of Redis took them
        untold = {place for place in self._untold if place[0] == uid}
        self._untold -= untold
        await asyncio.gather(*map(self._tell, untold))

    def _release(self, place: Place) -> None:
        self._open[place] -= 1
        if not self._open[place]:
            del self._open[place]

    async def _tell(self, place: Place) -> bool:
        """Tell the line how many there are now; what it could not be told, it is told with the next heartbeat."""
        try:
            return await self._batcher((place, self._open[place]))
        except Unavailable:
            self._untold.add(place)
            return True

    async def _tell_together(self, counts: list[tuple[Place, int]]) -> list[bool]:
        """Those that came while the last question was under way, in one question for each period."""
        told: dict[int, bool] = {}
        for uid in {place[0] for place, _ in counts}:
            these = [n for n, (place, _) in enumerate(counts) if place[0] == uid]
            pairs = [(counts[n][0][1], counts[n][1]) for n in these]
            answers = await self._line.sockets(uid, self._process, pairs, MOST_SOCKETS)
            told.update(zip(these, answers, strict=True))
        return [told[n] for n in range(len(counts))]
