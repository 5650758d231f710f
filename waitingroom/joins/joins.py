"""A join: the number a browser has while it waits or its token is live, otherwise the next one (P1, WR-03).

What each reply of the line leads to is decided in `outcome.py`; here is what has to be asked and told around that.
Fails closed: without the line nobody gets a number, and without SQL no number that is gone is replaced.
"""

import secrets
from typing import NamedTuple

import msgspec

from foundation.clock import now_ms
from foundation.errors import Unavailable
from foundation.sql.database import Database
from quota import ledger
from quota.periods import over
from quota.states import Mode, PeriodState
from quota.store import Period
from waitingroom.draw.entries import Entries
from waitingroom.joins import refusals
from waitingroom.joins.numbers import Given, NumberIssuer
from waitingroom.joins.outcome import JoinOutcome, JoinStep, frees, join_outcome, row_step, seen_outcome
from waitingroom.joins.refusals import refusal
from waitingroom.line.states import JoinTerms
from waitingroom.line.store import Join
from waitingroom.presence import PresenceMarks
from waitingroom.tickets import Ticket, Tickets, digest

MOST_REPLACED = 10
"""Numbers of one browser that ended and are replaced in one join: two tabs that leave and come back make a few."""


class Joined(msgspec.Struct, frozen=True):
    """A browser's ticket, its signed text, and whether it had the number before."""

    ticket: Ticket
    text: str
    existed: bool


class Asker(NamedTuple):
    """The browser that joins: its ticket, the hashes that it is known by, the key's first; on which terms it gets
    something new; and since when it owes a proof, if it brings that from an entry that was not drawn."""

    ticket: Ticket | None
    identities: tuple[str, ...]
    terms: JoinTerms
    since: int = 0


class Joins:
    """Joins of this process."""

    def __init__(
        self, db: Database, tickets: Tickets, numbers: NumberIssuer, presence: PresenceMarks, entries: Entries
    ) -> None:
        self._db, self._tickets = db, tickets
        self._numbers, self._presence, self._entries = numbers, presence, entries

    async def join(
        self,
        period: Period,
        ticket: Ticket | None = None,
        key: str | None = None,
        visitor: str | None = None,
        terms: JoinTerms = JoinTerms.PLAIN,
    ) -> Joined:
        """The browser's number; in mode draw before the opening, its entry.

        `key` and `visitor` are hashes. Terms PROVED also free one that owes a proof. Raises Refusal room_not_open,
        period_closed, quota_reached, proof_required, and Unavailable (nothing was lost).
        """
        asker = Asker(ticket, tuple(known for known in (key, visitor) if known), terms)
        if period.mode == Mode.DRAW:
            entry = await self._entry(period, asker)
            if isinstance(entry, Joined):
                return entry
            asker = entry
            if period.state == PeriodState.ARMED:
                period = await self._entries.freeze(period)
        if asker.ticket is not None:
            kept = await self._kept(period, asker.ticket, terms)
            if kept is not None:
                return kept
        refuse_unless_open(period)
        return await self._number(period, asker)

    async def _entry(self, period: Period, asker: Asker) -> Joined | Asker:
        """What a join in mode draw is answered with while it has an entry without a number; otherwise who asks for a
        number, with the drawn ticket or with what an entry owed that was not drawn."""
        brought, is_new = asker.ticket, False
        if brought is None:
            ticket, is_new = await self._entries.find(period, asker.identities, asker.terms)
        elif brought.number:
            return asker
        else:
            ticket = await self._entries.stand(period, brought, asker.terms is JoinTerms.PROVED)
            if ticket is None:  # it owed its proof when entries ended: that is owed for a number behind them
                identities = asker.identities or (brought.visitor,)
                return asker._replace(ticket=None, identities=identities, since=brought.owes)
        if ticket is None or ticket.number:
            return asker._replace(ticket=ticket)
        if over(period):
            raise refusal(refusals.OVER[period.state], period)
        return self._joined(ticket, existed=not is_new)

    async def _kept(self, period: Period, ticket: Ticket, terms: JoinTerms) -> Joined | None:
        """The ticket as it stands, if its number still waits or its token is live."""
        freed = frees(ticket.owes, terms)
        step = seen_outcome(await self._presence.see(period, ticket, freed)).step
        if step is JoinStep.READ_ROW:
            step = await self._row_step(period, ticket.number)
        else:
            refuse_unless_open(period)
        if step is not JoinStep.KEEP:
            return None
        return self._joined(msgspec.structs.replace(ticket, owes=0) if freed else ticket, existed=True)

    async def _number(self, period: Period, asker: Asker) -> Joined:
        """The number that the line gives to this browser; one that has ended is replaced."""
        replaces: tuple[int, ...] = ()
        identities = asker.identities
        if asker.ticket is not None:
            replaces = (asker.ticket.number,)
            identities = identities or (asker.ticket.visitor,)
        for _ in range(MOST_REPLACED):
            given = await self._numbers.ask(period, Join(identities, replaces, asker.terms))
            outcome = await self._settled(period, given, asker.terms)
            if outcome.step is JoinStep.REPLACE:
                replaces += (given[1],)
                continue
            if outcome.code is not None:
                raise refusal(outcome.code, period)
            owes = (asker.since or now_ms()) if outcome.owes else 0
            ticket = Ticket(period.uid, given[1], owner_of(identities), owes=owes)
            return self._joined(ticket, existed=outcome.step is JoinStep.KEEP)
        raise Unavailable("redis")

    async def _settled(self, period: Period, given: Given, terms: JoinTerms) -> JoinOutcome:
        """Where the line's reply leads, once the row was read where that decides."""
        reply, number = given
        outcome = join_outcome(reply, terms)
        if outcome.step is JoinStep.READ_ROW:
            return JoinOutcome(await self._row_step(period, number))
        return outcome

    async def _row_step(self, period: Period, number: int) -> JoinStep:
        token = await self._db.read(lambda conn: ledger.find(conn, period.uid, number))
        return row_step(token.state if token else None)

    def _joined(self, ticket: Ticket, existed: bool) -> Joined:
        return Joined(ticket, self._tickets.issue(ticket), existed)


def refuse_unless_open(period: Period) -> None:
    """Raises the refusal of a number by this row and this host's clock."""
    code = refusals.closed_by(period, now_ms())
    if code is not None:
        raise refusal(code, period)


def owner_of(identities: tuple[str, ...]) -> str:
    """The hash under which the line knows this browser: a ticket carries it for the restore. A browser that shows
    nothing has one that nobody can show again."""
    return identities[0] if identities else digest("nobody", secrets.token_hex(16))
