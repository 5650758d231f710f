"""Mode draw: entries before the opening, the freeze at it, and the drawn order put into the line (`docs/draw.md`).

An entry is to the draw what a number is to the line: given once, signed, restored from the ticket after a loss. Fails
closed like joins: without Redis or SQL nobody gets an entry, nothing is frozen and nothing is drawn.
"""

import secrets
from functools import partial

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.batching import Batcher
from foundation.clock import now_ms
from foundation.errors import Code, Refusal, Stale
from foundation.events import Events
from foundation.sql.database import Database
from quota import store
from quota.moves import schedule
from quota.store import Period, period_of
from waitingroom.draw import scripts
from waitingroom.draw.orders import learn
from waitingroom.joins.outcome import JoinStep, join_outcome, seen_outcome
from waitingroom.joins.refusals import refusal, too_early
from waitingroom.line.batches import answered
from waitingroom.line.epochs import LEAST_RAISE, Epochs
from waitingroom.line.replies import EnteredReply, EnterReply
from waitingroom.line.states import JoinTerms, OwedProof
from waitingroom.line.store import NEVER, Join, Line, Seen
from waitingroom.period_cache import PeriodCache
from waitingroom.tickets import Ticket, Tickets, digest

RAISED_EACH = 4
"""The mark of entries goes up by so many for each that asks: they come in a rush at the end."""

MOST_ROUNDS = 3
"""The mark is raised to the highest entry at once; one that is still above it was never given."""


class Entries:
    """What a process does in mode draw."""

    def __init__(
        self,
        db: Database,
        line: Line,
        epochs: Epochs,
        periods: PeriodCache,
        tickets: Tickets,
        events: Events,
    ) -> None:
        self._db, self._line, self._epochs = db, line, epochs
        self._periods, self._tickets, self._events = periods, tickets, events
        self._enters: dict[str, Batcher[Join, tuple[EnterReply, int]]] = {}
        self._stands: dict[str, Batcher[Seen, EnteredReply]] = {}

    # -- before the opening ------------------------------------------------------------------------------------------

    async def find(
        self, period: Period, identities: tuple[str, ...], terms: JoinTerms
    ) -> tuple[Ticket | None, bool]:
        """The entry of a browser without a ticket, and whether it is new; None when it is too late to have one.

        The ticket has its number if the order is drawn. Raises Refusal room_not_open before entries are taken,
        proof_required, and Unavailable.
        """
        if now_ms() < (period.entries_from or 0):
            raise too_early(period)
        known = identities or (digest("nobody", secrets.token_hex(16)),)
        reply, entry = await self._enter(period, Join(known, terms=terms))
        outcome = join_outcome(reply, terms)
        if outcome.code is not None:
            raise refusal(outcome.code, period)
        if outcome.step is JoinStep.ASK_NUMBER:
            return None, False
        owes = now_ms() if outcome.owes else 0
        ticket = self._tickets.drawn(Ticket(period.uid, 0, known[0], entry, owes))
        return ticket, outcome.step is JoinStep.GIVE

    async def _enter(self, period: Period, join: Join) -> tuple[EnterReply, int]:
        batcher = self._enters.get(period.uid)
        if batcher is None:
            # Its instants are frozen since the announcement: what is true of this row is true of later ones.
            batcher = self._enters[period.uid] = Batcher(partial(self._enter_together, period))
        return await batcher(join)

    async def _enter_together(self, period: Period, joins: list[Join]) -> list[tuple[EnterReply, int]]:
        ask = partial(self._ask_line, period, _ends(period))
        return await answered(joins, ask, partial(self._raise_mark, period.uid, 0), EnterReply.RAISE)

    async def _ask_line(self, period: Period, ends: int, joins: list[Join]) -> list[tuple[EnterReply, int]]:
        line, uid, entries_from = self._line, period.uid, period.entries_from or 0
        replies = await self._epochs.fenced(
            uid, lambda epoch: scripts.enter(line, uid, epoch, entries_from, ends, joins)
        )
        self._events.count("joins", sum(reply is EnterReply.NEW for reply, _ in replies))
        return replies

    async def stand(self, period: Period, ticket: Ticket, proved: bool = False) -> Ticket | None:
        """Mark this entry's person present, and put the entry back if a loss took it (P8).

        One that owes a proof is kept and not marked, unless it is `proved` now; what comes back is the ticket as it
        stands then, or None for one that owed its proof when entries ended. Raises Refusal no_ticket for an entry that
        nobody can have been given, and Unavailable.
        """
        batcher = self._stands.get(period.uid)
        if batcher is None:
            batcher = self._stands[period.uid] = Batcher(partial(self._stand_together, period))
        proof = (OwedProof.PROVED if proved else OwedProof.OWES) if ticket.owes else OwedProof.NOTHING
        outcome = seen_outcome(await batcher(Seen(ticket.entry, ticket.visitor, proof)))
        if outcome.owes:
            return ticket
        if outcome.step is JoinStep.ASK_NUMBER:
            return None
        return self._tickets.drawn(msgspec.structs.replace(ticket, owes=0))

    async def _stand_together(self, period: Period, tickets: list[Seen]) -> list[EnteredReply]:
        line, uid, ends = self._line, period.uid, _ends(period)
        for _ in range(MOST_ROUNDS):
            replies = await self._epochs.fenced(
                uid, lambda epoch: scripts.entered(line, uid, epoch, ends, tickets)
            )
            if EnteredReply.RAISE not in replies:
                return replies
            await self._raise_mark(uid, max(ticket.number for ticket in tickets), len(tickets))
        raise Refusal(Code.NO_TICKET)

    async def _raise_mark(self, uid: str, at_least: int, asking: int) -> None:
        """Raise the mark of entries in SQL first, then in the line; once they are frozen it stays where it is."""
        by = max(LEAST_RAISE, RAISED_EACH * asking)

        async def attempt(epoch: int) -> None:
            period = await self._db.write(lambda conn: _raise(conn, uid, epoch, at_least, by))
            await self._epochs.tell(period)

        await self._epochs.fenced(uid, attempt)

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
            last = await scripts.freeze(self._line, uid, epoch, period.opens_at)
            if last is None or now_ms() < period.opens_at:
                raise too_early(period)
            return await self._db.write(lambda conn: schedule.freeze(conn, uid, epoch, last, now_ms()))

        after = await self._epochs.fenced(uid, attempt)
        await self._periods.changed(after)
        return after

    async def draw(self, period: Period, epoch: int) -> None:
        """Put the drawn numbers into the line, before anybody is called in this epoch. Raises Stale, Unavailable.

        Entries that a loss took are not among them: their people come back with their tickets, which have their numbers
        now, in the hold of the new epoch.
        """
        await learn(self._tickets.orders, [period])
        line, uid = self._line, period.uid
        found = await scripts.lots(line, uid, epoch)
        await scripts.drawn(line, uid, epoch, period.entries or 0, found, self._tickets.orders[uid])


def _ends(period: Period) -> int:
    """When the script ends entries by the line's clock: not before this host's has got there too."""
    return period.opens_at if now_ms() >= period.opens_at else NEVER


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
