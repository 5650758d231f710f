"""Mode draw: entries before the opening, the freeze at it, and the drawn order put into the line (`docs/draw.md`).

An entry is to the draw what a number is to the line: given once, signed, restored from the ticket after a loss. Fails
closed like the room: without Redis or SQL nobody gets an entry, nothing is frozen and nothing is drawn.
"""

import asyncio
import contextlib
import secrets
from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.batching import Batcher
from foundation.clock import now_ms, rfc3339
from foundation.errors import Code, Refusal, Stale, Unavailable
from quota import moves, store
from quota.draw_order import order
from quota.periods import over
from quota.store import Period, period_of
from waitingroom.draw import scripts
from waitingroom.line.store import Join, Seen
from waitingroom.positions import Entered, entered
from waitingroom.tickets import Ticket, digest

if TYPE_CHECKING:
    from waitingroom.room import Room

NEVER = 10**15
"""An instant that no clock reaches."""

LEAST_RAISE = 100
"""The mark goes up by this at least, and by four times those who ask together: entries come in a rush at the end."""


class Entries:
    """What a room does in mode draw."""

    def __init__(self, room: "Room") -> None:
        self._room = room
        self._enters: dict[str, Batcher[Join, tuple[str, int]]] = {}
        self._stands: dict[str, Batcher[Seen, str]] = {}

    # -- before the opening ------------------------------------------------------------------------------------------

    async def find(
        self, period: Period, identities: tuple[str, ...], terms: str
    ) -> tuple[Ticket | None, bool]:
        """The entry of a browser without a ticket, and whether it is new; None when it is too late to have one.

        The ticket has its number if the order is drawn. `terms` as those of a number (see `join.lua`). Raises Refusal
        room_not_open before entries are taken, proof_required, and Unavailable.
        """
        if now_ms() < (period.entries_from or 0):
            raise early(period)
        known = identities or (digest("nobody", secrets.token_hex(16)),)
        code, entry = await self._enter(period, Join(known, terms=terms))
        if code == "EARLY":
            raise early(period)
        if code == "PROOF":
            raise self._room.asking(period, "missing")
        if code == "LATE":
            return None, False
        owes = now_ms() if code == "OWES" or (code == "NEW" and terms == "owes") else 0
        return self._room.tickets.drawn(Ticket(period.uid, 0, known[0], entry, owes)), code == "NEW"

    async def _enter(self, period: Period, join: Join) -> tuple[str, int]:
        gatherer = self._enters.get(period.uid)
        if gatherer is None:
            # Its instants are frozen since the announcement: what is true of this row is true of later ones.
            gatherer = self._enters[period.uid] = Batcher(lambda some: self._enter_together(period, some))
        return await gatherer(join)

    async def _enter_together(self, period: Period, joins: list[Join]) -> list[tuple[str, int]]:
        line, uid, entries_from = self._room.line, period.uid, period.entries_from or 0
        ends = _ends(period)
        answers: dict[int, tuple[str, int]] = {}
        questions = list(range(len(joins)))
        for _ in range(20):
            ask = [joins[i] for i in questions]
            replies = await self._room.fenced(
                uid,
                lambda epoch, ask=ask: scripts.enter(line, uid, epoch, entries_from, ends, ask),  # type: ignore[misc]
            )
            answers.update(zip(questions, replies, strict=True))
            self._room.events.count("joins", sum(code == "NEW" for code, _ in replies))
            questions = [i for i in questions if answers[i][0] == "RAISE"]
            if not questions:
                return [answers[i] for i in range(len(joins))]
            await self._raise_mark(uid, 0, len(questions))
        raise Unavailable("redis")

    async def stand(self, period: Period, ticket: Ticket, proved: bool = False) -> Ticket | None:
        """Mark this entry's person present, and put the entry back if a loss took it (P8).

        One that owes a proof is kept and not marked, unless it is `proved` now; what comes back is the ticket as it
        stands then, or None for one that owed its proof when entries ended. Raises Refusal no_ticket for an entry that
        nobody can have been given, and Unavailable.
        """
        gatherer = self._stands.get(period.uid)
        if gatherer is None:
            gatherer = self._stands[period.uid] = Batcher(lambda some: self._stand_together(period, some))
        proof = ("proved" if proved else "owes") if ticket.owes else ""
        code = await gatherer(Seen(ticket.entry, ticket.visitor, proof))
        if code == "OWES":
            return ticket
        free = msgspec.structs.replace(ticket, owes=0)
        return None if code == "LATE" else self._room.tickets.drawn(free)

    async def _stand_together(self, period: Period, tickets: list[Seen]) -> list[str]:
        line, uid, ends = self._room.line, period.uid, _ends(period)
        for _ in range(3):
            codes = await self._room.fenced(
                uid, lambda epoch: scripts.entered(line, uid, epoch, ends, tickets)
            )
            if "RAISE" not in codes:
                return codes
            await self._raise_mark(uid, max(ticket.number for ticket in tickets), len(tickets))
        raise Refusal(Code.NO_TICKET)

    async def _raise_mark(self, uid: str, at_least: int, asking: int) -> None:
        """Raise the mark of entries in SQL first, then in the line; once they are frozen it stays where it is."""
        by = max(LEAST_RAISE, 4 * asking)

        async def attempt(epoch: int) -> None:
            period = await self._room.db.write(lambda conn: _raise(conn, uid, epoch, at_least, by))
            await self._room.line.copy(period)

        await self._room.fenced(uid, attempt)

    async def me(self, period: Period, ticket: Ticket) -> Entered:
        """How this entry stands; asking marks its person present. Fails soft while Redis is away."""
        if not over(period):
            with contextlib.suppress(Unavailable):
                await self.stand(period, ticket)
        return entered(period, ticket.entry, await self._room.look(period), now_ms(), ticket.owes)

    # -- the opening -------------------------------------------------------------------------------------------------

    async def freeze(self, period: Period) -> Period:
        """Fix how many entries are drawn: the line gives no more of them, then SQL keeps how many it gave.

        Any process may do it, and a second one, or one that slept in the middle, changes nothing. Raises Refusal
        room_not_open unless this host's clock and the line's have both got there (P10), and Unavailable.
        """
        if period.entries is not None:
            return period
        uid = period.uid

        async def attempt(epoch: int) -> Period:
            last = await scripts.freeze(self._room.line, uid, epoch, period.opens_at)
            if last is None or now_ms() < period.opens_at:
                raise early(period)
            return await self._room.db.write(lambda conn: moves.freeze(conn, uid, epoch, last, now_ms()))

        after = await self._room.fenced(uid, attempt)
        await self._room.changed(after)
        return after

    async def learn(self, periods: Iterable[Period]) -> None:
        """Work out the orders that were drawn, in a thread: tickets know their numbers from then on."""
        orders = self._room.tickets.orders
        for period in periods:
            if period.seed is not None and period.uid not in orders:
                known = (period.seed, period.id, period.entries or 0, period.public_value or "")
                orders[period.uid] = await asyncio.to_thread(order, *known)

    async def draw(self, period: Period, epoch: int) -> None:
        """Put the drawn numbers into the line, before anybody is called in this epoch. Raises Stale, Unavailable.

        Entries that a loss took are not among them: their people come back with their tickets, which have their numbers
        now, in the hold of the new epoch.
        """
        await self.learn([period])
        line, uid = self._room.line, period.uid
        found = await scripts.lots(line, uid, epoch)
        await scripts.drawn(line, uid, epoch, period.entries or 0, found, self._room.tickets.orders[uid])


def _ends(period: Period) -> int:
    """When the script ends entries by the line's clock: not before this host's has got there too."""
    return period.opens_at if now_ms() >= period.opens_at else NEVER


def early(period: Period) -> Refusal:
    """The refusal of somebody who is too early for an entry, or for a number."""
    return Refusal(
        Code.ROOM_NOT_OPEN,
        opens_at=rfc3339(period.opens_at),
        entries_from=rfc3339(period.entries_from or period.opens_at),
    )


async def _raise(conn: AsyncConnection, uid: str, epoch: int, at_least: int, by: int) -> Period:
    p = store.period
    mine = (p.c.uid == uid, p.c.epoch == epoch)
    base = sa.case((p.c.entry_mark < at_least, at_least), else_=p.c.entry_mark)
    values = {"entry_mark": base + by, "version": p.c.version + 1}
    raised = sa.update(p).where(*mine, p.c.entries.is_(None)).values(values).returning(*p.c)
    row = (await conn.execute(raised)).one_or_none()
    row = row or (await conn.execute(sa.select(p).where(*mine))).one_or_none()
    if row is None:
        raise Stale
    return period_of(row)
