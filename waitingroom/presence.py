"""Presence: heartbeats of tickets and sockets become bits in the line, and numbers that a loss took are restored (P8).

A poll or a page marks its own number; a web process marks those of all its sockets in one write. Fails closed with
Unavailable: a process that cannot mark says so to its people (`feed/feed.py`).
"""

import time
from collections.abc import Callable, Sequence
from functools import partial

import structlog

from foundation.batching import Batcher, Gatherer
from foundation.errors import Unavailable
from quota.store import Period
from server.requests import when_done
from waitingroom.line.epochs import Epochs
from waitingroom.line.replies import SeenReply
from waitingroom.line.states import OwedProof
from waitingroom.line.store import PATIENCE_SECONDS, Line, Seen
from waitingroom.tickets import Ticket

log = structlog.get_logger()

RESTORED_TOGETHER = 500
"""Tickets in one script: as many as a batch of joins, so that nobody else waits long for the line."""

SOON_SECONDS = 0.1
"""What nobody waits for is told after so long, all that came meanwhile together."""

SIGN_SECONDS = 5
"""One sign of presence of a number in so long is told: it is present for a minute."""

MOST_ROUNDS = 3
"""The mark is raised to the highest ticket at once: a second round is enough unless the epoch changes meanwhile."""


class PresenceMarks:
    """Marks of this process in the lines of all periods."""

    def __init__(self, line: Line, epochs: Epochs) -> None:
        self._line, self._epochs = line, epochs
        self._seen: dict[str, Batcher[Seen, SeenReply]] = {}
        self._soon = Gatherer[tuple[str, Ticket]](SOON_SECONDS, self._put_all)
        self._spell, self._told = 0, set[tuple[str, int]]()

    async def see(self, period: Period, ticket: Ticket, proved: bool = False) -> SeenReply:
        """Mark the ticket's number present, and put it back if a loss took it: WAITING, RESTORED or GONE.

        One that owes a proof is put back and not marked, unless it is `proved` now. Raises Unavailable.
        """
        return await self._batcher(period.uid)(shown(ticket, proved))

    def put(self, period: Period, ticket: Ticket, then: Callable[[SeenReply | BaseException], None]) -> None:
        """The same without waiting: `then` hears the reply, or why there is none. Raises Unavailable."""
        self._batcher(period.uid).put(shown(ticket), then)

    def note(self, period: Period, ticket: Ticket) -> None:
        """`see` without waiting, for somebody whose place is known: what cannot be told now, the next mark tells."""
        sign, signs = (period.uid, ticket.number), self._signs()
        if sign not in signs:  # a page and its socket, or a client that asks and asks, are one sign
            signs.add(sign)
            self._soon.put((period.uid, ticket))

    def joined(self, period: Period, ticket: Ticket) -> None:
        """The line has marked this number with its join: the page and the socket that follow need not say so again."""
        self._signs().add((period.uid, ticket.number))

    def _signs(self) -> set[tuple[str, int]]:
        """Whose sign the line has of these seconds, or is about to get."""
        spell = int(time.monotonic() / SIGN_SECONDS)
        if spell != self._spell:
            self._spell, self._told = spell, set()
        return self._told

    def _put_all(self, noted: list[tuple[str, Ticket]]) -> None:
        periods: dict[str, list[Seen]] = {}
        for uid, ticket in noted:
            periods.setdefault(uid, []).append(shown(ticket))
        for uid, signs in periods.items():
            when_done(self._tell(uid, signs), _noted)

    async def _tell(self, uid: str, signs: list[Seen]) -> None:
        for start in range(0, len(signs), RESTORED_TOGETHER):
            await self._see_together(uid, signs[start : start + RESTORED_TOGETHER])

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


def _noted(done: Exception | None) -> None:
    """Nobody waits for it. That the line is away is said by the feed; anything else is a fault of ours."""
    if done is not None and not isinstance(done, Unavailable):
        log.error("unexpected", exc_info=done)


def shown(ticket: Ticket, proved: bool = False) -> Seen:
    """A ticket as the line takes it."""
    if not ticket.owes:
        return Seen(ticket.number, ticket.visitor)
    return Seen(ticket.number, ticket.visitor, OwedProof.PROVED if proved else OwedProof.OWES)
