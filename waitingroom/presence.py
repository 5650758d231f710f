"""Presence: heartbeats of tickets and sockets become bits in the line, and numbers that a loss took are restored (P8).

A poll or a page marks its own number; a web process marks those of all its sockets in one write. Fails closed with
Unavailable: a process that cannot mark says so to its people (`feed/feed.py`).
"""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial

from foundation.batching import Batcher
from foundation.errors import Unavailable
from quota.store import Period
from server.requests import when_done
from waitingroom.line.epochs import Epochs
from waitingroom.line.replies import SeenReply
from waitingroom.line.snapshot import bitmap
from waitingroom.line.states import OwedProof
from waitingroom.line.store import PATIENCE_SECONDS, Line, Seen
from waitingroom.tickets import Ticket

RESTORED_TOGETHER = 500
"""Tickets in one script: as many as a batch of joins, so that nobody else waits long for the line."""

NOTE_SECONDS = 0.5
"""How long signs of presence are gathered: a slot has 15 s, and a number that is not seen for a minute is parked."""

BYTES_A_TICKET = 48
"""Of a question about one ticket: its number and its visitor's hash."""

MOST_ROUNDS = 3
"""The mark is raised to the highest ticket at once: a second round is enough unless the epoch changes meanwhile."""


class PresenceMarks:
    """Marks of this process in the lines of all periods."""

    def __init__(self, line: Line, epochs: Epochs) -> None:
        self._line, self._epochs = line, epochs
        self._seen: dict[str, Batcher[Seen, SeenReply]] = {}
        self._noted: dict[str, dict[int, Ticket]] = {}

    async def see(self, period: Period, ticket: Ticket, proved: bool = False) -> SeenReply:
        """Mark the ticket's number present, and put it back if a loss took it: WAITING, RESTORED or GONE.

        One that owes a proof is put back and not marked, unless it is `proved` now. Raises Unavailable.
        """
        return await self._batcher(period.uid)(shown(ticket, proved))

    def put(self, period: Period, ticket: Ticket, then: Callable[[SeenReply | BaseException], None]) -> None:
        """The same without waiting: `then` hears the reply, or why there is none. Raises Unavailable."""
        self._batcher(period.uid).put(shown(ticket), then)

    def note(self, period: Period, ticket: Ticket) -> None:
        """Mark it soon, for somebody whose place is known. Fails soft: what is not marked now, their next sign marks."""
        noted = self._noted.setdefault(period.uid, {})
        if not noted:
            asyncio.get_running_loop().call_later(
                NOTE_SECONDS, lambda: when_done(self._tell(period.uid), _nothing)
            )
        noted[ticket.number] = ticket

    async def _tell(self, uid: str) -> None:
        """Mark those that were noted: one by one, or as a bitmap where that is less to send."""
        noted = self._noted.pop(uid, {})
        if len(noted) * BYTES_A_TICKET > max(noted, default=0) >> 3:
            await self.mark(uid, bitmap(noted))
            return
        tickets = [shown(ticket) for ticket in noted.values()]
        for start in range(0, len(tickets), RESTORED_TOGETHER):
            await self._see_together(uid, tickets[start : start + RESTORED_TOGETHER])

    def _batcher(self, uid: str) -> Batcher[Seen, SeenReply]:
        batcher = self._seen.get(uid)
        if batcher is None:
            batcher = self._seen[uid] = Batcher(partial(self._see_together, uid), patience=PATIENCE_SECONDS)
        return batcher

    async def restore(self, period: Period, tickets: Sequence[Ticket]) -> None:
        """Put the numbers of these tickets back into the line. Raises Unavailable."""
        for start in range(0, len(tickets), RESTORED_TOGETHER):
            part = [shown(ticket) for ticket in tickets[start : start + RESTORED_TOGETHER]]
            await self._see_together(period.uid, part)

    async def mark(self, uid: str, numbers: bytes) -> None:
        """Mark the numbers of this bitmap present, in one write. Raises Unavailable."""
        await self._epochs.fenced(uid, lambda epoch: self._line.mark(uid, epoch, numbers))

    async def reachable(self) -> None:
        """Raises Unavailable while nothing could be marked."""
        await self._line.ping()

    async def _see_together(self, uid: str, tickets: list[Seen]) -> list[SeenReply]:
        for _ in range(MOST_ROUNDS):
            replies = await self._epochs.fenced(uid, lambda epoch: self._line.seen(uid, epoch, tickets))
            if SeenReply.RAISE not in replies:
                return replies
            await self._epochs.raise_mark(uid, max(ticket.number for ticket in tickets))
        raise Unavailable("redis")


def _nothing(done: Exception | None) -> None:
    """Nobody waits for it. What keeps others from being marked is said by the feed, which marks everybody."""


def shown(ticket: Ticket, proved: bool = False) -> Seen:
    """A ticket as the line takes it."""
    if not ticket.owes:
        return Seen(ticket.number, ticket.visitor)
    return Seen(ticket.number, ticket.visitor, OwedProof.PROVED if proved else OwedProof.OWES)
