"""The room: join and position. What pages, API and feed ask; it knows both stores and decides nothing about places.

The room fails closed: without Redis nobody gets a number, without SQL nobody is told of a call. The display fails soft:
the last known position, with its age.
"""

import asyncio
import contextlib
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.batching import Batcher
from foundation.clock import now_ms, rfc3339
from foundation.errors import Code, Refusal, Stale, Unavailable
from foundation.events import Events
from foundation.sql.database import Database
from quota import ledger, store
from quota.draw import published
from quota.ledger import Token
from quota.periods import over, phase
from quota.states import Mode, PeriodState, TokenState
from quota.store import Period, period_of
from server.requests import Incoming
from waitingroom.draw.entries import Entries, early
from waitingroom.feed.position_frames import PositionFrames
from waitingroom.join_limits import JoinLimits
from waitingroom.leaves import Leaves
from waitingroom.line.epochs import Epochs
from waitingroom.line.looks import Look
from waitingroom.line.store import PATIENCE_SECONDS, Join, Line, Seen
from waitingroom.positions import Entered, KnownToken, Me, owing, shown, told
from waitingroom.proof_of_work import ProofsOfWork, WrongProof
from waitingroom.tickets import Ticket, Tickets, digest
from waitingroom.tokens import Tokens

T = TypeVar("T")

FRESH_SECONDS = 1.0
"""A period's row and a look at its line are read at most this often by one process."""

QUICK_SECONDS = 5.0
"""What is answered without asking rests on no older look at the line; whoever finds it a second old has one taken."""

NEVER = 10**15
"""An instant that no clock reaches."""

PUBLIC = ("announced", "armed", "open", "cap_reached", "closed")


class Joined(msgspec.Struct, frozen=True):
    """A browser's ticket, its signed text, and whether it had the number before."""

    ticket: Ticket
    text: str
    existed: bool


class Room:
    """One process's view of all periods' rooms."""

    def __init__(
        self,
        db: Database,
        line: Line,
        tickets: Tickets,
        tokens: Tokens,
        events: Events,
        hold_ms: int = 35_000,
        limits: JoinLimits | None = None,
        proofs: ProofsOfWork | None = None,
    ) -> None:
        self.proofs = proofs or ProofsOfWork(
            (secrets.token_hex(32),)
        )  # none given: good in this process only
        self.limits = limits or JoinLimits(on=False)
        self.db, self.line, self.tickets, self.tokens, self.events = db, line, tickets, tokens, events
        self.epochs = Epochs(db, line, events, hold_ms)
        self.entries = Entries(self)
        self.leaves = Leaves(self)
        self._periods: dict[str, Period] = {}
        self._periods_at = -FRESH_SECONDS
        self._rows_from = -FRESH_SECONDS
        self._rereads: Batcher[None, None] = Batcher(self._reread_together)
        self._refreshing = False
        self._looks: dict[str, Look] = {}
        self._sheets: dict[str, tuple[Period, Look, int, PositionFrames]] = {}
        self._looking: set[str] = set()
        self._look_under_way: asyncio.Future[Look | None] | None = None
        self._joins: dict[str, Batcher[Join, tuple[str, int]]] = {}
        self._seen: dict[str, Batcher[Seen, str]] = {}

    # -- periods -----------------------------------------------------------------------------------------------------

    async def periods(self) -> list[Period]:
        """Every period the public may see. Fails soft: the last known rows, when SQL does not answer."""
        if time.monotonic() - self._periods_at >= FRESH_SECONDS:
            await self.refresh()
        return list(self._periods.values())

    async def refresh(self) -> None:
        """Read the periods' rows again. Raises Unavailable only when none were ever read.

        One at a time: while SQL takes long, whoever comes takes what is known and waits for nothing.
        """
        if self._refreshing and self._periods:
            return
        self._refreshing = True
        try:
            await self._read()
        except Unavailable:
            if not self._periods:
                raise
        finally:
            self._refreshing = False
        self._periods_at = time.monotonic()

    async def _read(self) -> None:
        """Replace the rows, unless a read that began later was done first."""
        began = time.monotonic()
        rows = await self.db.read(_public_rows)
        await self.entries.learn(rows)
        if began >= self._rows_from:
            self._rows_from, self._periods = began, {row.id: row for row in rows}

    async def _reread_together(self, askers: list[None]) -> list[None]:
        await self._read()
        return askers

    async def changed(self, period: Period) -> None:
        """A change of this row was committed here: this process shows it at once, the others within a second.

        The line is told too, so that no process gives a number on a row that is a second old. Fails soft: a tick
        brings both.
        """
        with contextlib.suppress(Unavailable):
            await self._rereads(None)
        with contextlib.suppress(Unavailable, Stale):  # Stale: it has no line yet, or has just lost it
            await self.line.copy(period)

    async def period(self, id: str) -> Period:
        """A public period by its name. Raises Refusal not_found."""
        await self.periods()
        if id not in self._periods:  # it may have been announced by another process within this second
            with contextlib.suppress(Unavailable):
                await self._rereads(None)
        try:
            return self._periods[id]
        except KeyError:
            raise Refusal(Code.NOT_FOUND) from None

    def fresh(self, id: str) -> Period | None:
        """A public period's row by its name, if this process read it and looked at its line lately; otherwise None."""
        period = self._periods.get(id)
        if period is None or time.monotonic() - self._periods_at > 2 * FRESH_SECONDS:
            return None
        look = self._looks.get(period.uid)
        if look is None or look.age_seconds() > QUICK_SECONDS:
            return None
        under_way = self._look_under_way
        if look.age_seconds() > FRESH_SECONDS and (under_way is None or under_way.done()):
            self._look_under_way = asyncio.ensure_future(self.look(period))  # for those who come after
        return period

    def summary(self, period: Period) -> dict[str, object]:
        """The period as the contract shows it."""
        now = now_ms()
        look = self._looks.get(period.uid)
        return {
            "id": period.id,
            "programme": period.programme,
            "ordinal": period.ordinal,
            "state": phase(period, now),
            "opens_at": rfc3339(period.opens_at),
            "closes_at": rfc3339(period.closes_at),
            "cap": period.cap,
            "accepted": period.accepted,
            "live_tokens": period.live_tokens,
            "waiting": look.snapshot.waiting if look else 0,
            "last_number": look.snapshot.seq if look else 0,
            "paused": period.paused,
            "suspended": period.suspended,
            "proof": period.proof,
            "notice": period.notice,
            "server_time": rfc3339(now),
            "mode": period.mode,
            "draw": published(period),
        }

    async def look(self, period: Period, fresh: float = FRESH_SECONDS) -> Look | None:
        """A look at the line, at most `fresh` seconds old while Redis answers. Fails soft: the last one, or None.

        While one is being taken the last one does for whoever would be content with it for a second.
        """
        known = self._looks.get(period.uid)
        if period.state == PeriodState.ANNOUNCED or (known and known.age_seconds() < fresh):
            return known
        if known and period.uid in self._looking and fresh >= FRESH_SECONDS:
            return known  # somebody is looking: a thousand who come meanwhile do not look a thousand times
        self._looking.add(period.uid)
        try:
            snapshot = await self.fenced(period.uid, lambda epoch: self.line.snapshot(period.uid, epoch))
        except Unavailable:
            return known
        finally:
            self._looking.discard(period.uid)
        self._looks[period.uid] = Look.after(known, snapshot)
        return self._looks[period.uid]

    async def fenced(self, uid: str, attempt: Callable[[int], Awaitable[T]]) -> T:
        """Run `attempt` in the epoch that stands, beginning a new one after a loss. Raises Unavailable."""
        for _ in range(5):
            epoch = await self.epochs.current(uid)
            try:
                return await attempt(epoch)
            except Stale:
                await self.epochs.renew(uid, epoch)
        raise Unavailable("redis")

    # -- tickets -----------------------------------------------------------------------------------------------------

    def ticket_of(self, came: Incoming, period: Period) -> Ticket | None:
        """The ticket that comes with a request: Bearer counts before the cookie. None if it is not of this period."""
        text = came.bearer or came.cookies.get(f"ticket-{period.id}")
        ticket = self.tickets.read(text) if text else None
        return ticket if ticket is not None and ticket.uid == period.uid else None

    def visitor_of(self, came: Incoming) -> str | None:
        """The hash of the visitor cookie that comes with a request."""
        cookie = came.cookies.get("visitor")
        return self.tickets.visitor(cookie) if cookie else None

    # -- join --------------------------------------------------------------------------------------------------------

    async def join(
        self, period: Period, ticket: Ticket | None, key: str | None, visitor: str | None, terms: str = ""
    ) -> Joined:
        """The browser's number: the one it has while it waits or its token is live, otherwise the next (P1, WR-03).

        In mode draw before the opening, its entry. `terms` are those of a new one of either (see `join.lua`); `proved`
        also frees one that owes a proof. Raises Refusal room_not_open, period_closed, quota_reached, proof_required,
        and Unavailable (nothing was lost).
        """
        replaces: list[int] = []
        since = 0
        identities = tuple(known for known in (key, visitor) if known)
        if period.mode == Mode.DRAW:
            entered, is_new = await self._entered(period, ticket, identities, terms)
            if entered is not None and not entered.number:
                if over(period):
                    self._refuse("CLOSED", period)
                return Joined(entered, self.tickets.issue(entered), existed=not is_new)
            if entered is None and ticket is not None and not ticket.number:
                # It owed its proof when entries ended: a number behind them, and whatever it owed is owed for that one.
                since, identities, ticket = ticket.owes, identities or (ticket.visitor,), None
            ticket = entered or ticket
            if period.state == PeriodState.ARMED:
                period = await self.entries.freeze(period)
        if ticket is not None:
            proved = ticket.owes > 0 and terms == "proved"
            if await self._stands(period, ticket, "proved" if proved else ""):
                if proved:
                    ticket = msgspec.structs.replace(ticket, owes=0)
                return Joined(ticket, self.tickets.issue(ticket), existed=True)
            replaces.append(ticket.number)
        self._refuse_unless_open(period)
        if not identities and ticket is not None:
            identities = (ticket.visitor,)
        owner = identities[0] if identities else digest("nobody", secrets.token_hex(16))
        for _ in range(10):
            code, number = await self._ask_number(period, Join(identities, tuple(replaces), terms))
            if code == "ASK":
                token = await self.db.read(lambda conn, n=number: ledger.find(conn, period.uid, n))  # type: ignore[misc]
                if token is None or token.state != TokenState.LIVE:
                    replaces.append(number)
                    continue
                code = "SAME"
            if code in ("NEW", "SAME", "OWES"):
                owes = code == "OWES" or (code == "NEW" and terms == "owes")
                fresh = Ticket(period.uid, number, owner, owes=(since or now_ms()) if owes else 0)
                return Joined(fresh, self.tickets.issue(fresh), existed=code != "NEW")
            self._refuse(code, period)
        raise Unavailable("redis")

    async def _entered(
        self, period: Period, ticket: Ticket | None, identities: tuple[str, ...], terms: str
    ) -> tuple[Ticket | None, bool]:
        """The entry that a join in mode draw is answered with, and whether it is new; None for a number."""
        if ticket is not None and not ticket.number:
            return await self.entries.stand(period, ticket, terms == "proved"), False
        return (None, False) if ticket is not None else await self.entries.find(period, identities, terms)

    def ask_number(
        self,
        period: Period,
        identities: tuple[str, ...],
        then: Callable[[tuple[str, int] | BaseException], None],
    ) -> None:
        """The question of `join` for a browser without a ticket; `then` hears the script's reply, or why there is none.

        Refusals as `join`.
        """
        self._refuse_unless_open(period)
        self._joining(period.uid).put(Join(identities), then)

    def place(self, period: Period, number: int) -> bytes:
        """Where a number that was just given stands, by the last look: its `me` object without the closing brace.

        What those who are answered within the same millisecond share is written once.
        """
        look, now = self._looks[period.uid], now_ms()
        known = self._sheets.get(period.uid)
        if known is None or known[:3] != (period, look, now):
            known = self._sheets[period.uid] = period, look, now, PositionFrames(period, look, now)
        return known[3].position(number, look.snapshot.ahead(number))

    async def prove(self, period: Period, text: str, owner: str) -> None:
        """Take this proof, once; its owner may show it again. Raises Refusal proof_required, Unavailable."""
        now = now_ms()
        try:
            proof = await asyncio.to_thread(self.proofs.check, text, period.uid, now)
        except WrongProof as wrong:
            raise self.asking(period, wrong.cause) from None
        left_ms = proof.expires_at * 1000 - now + 1000
        if not await self.line.spend_proof(period.uid, proof.id, owner, left_ms):
            raise self.asking(period, "spent")
        self.events.count("proofs")

    def asking(self, period: Period, cause: str) -> Refusal:
        """The refusal that asks for a proof: why, and where a challenge is."""
        return Refusal(Code.PROOF_REQUIRED, cause=cause, challenge=f"/api/v1/periods/{period.id}/challenge")

    async def _stands(self, period: Period, ticket: Ticket, proof: str = "") -> bool:
        """Does this ticket's number still wait, or is its token live?"""
        if await self._present(period, ticket, proof) != "GONE":
            self._refuse_unless_open(period)
            return True
        token = await self.db.read(lambda conn: ledger.find(conn, period.uid, ticket.number))
        return token is not None and token.state == TokenState.LIVE

    async def _ask_number(self, period: Period, join: Join) -> tuple[str, int]:
        """One question to the script, among those that go out together; the mark is raised when it is reached."""
        return await self._joining(period.uid)(join)

    def _joining(self, uid: str) -> Batcher[Join, tuple[str, int]]:
        gatherer = self._joins.get(uid)
        if gatherer is None:
            gatherer = self._joins[uid] = Batcher(
                lambda joins: self._join_together(uid, joins), patience=PATIENCE_SECONDS
            )
        return gatherer

    async def _join_together(self, uid: str, joins: list[Join]) -> list[tuple[str, int]]:
        period = next(period for period in self._periods.values() if period.uid == uid)
        answers: dict[int, tuple[str, int]] = {}
        open_questions = list(range(len(joins)))
        for _ in range(20):
            replies = await self._ask_line(period, [joins[i] for i in open_questions])
            answers.update(zip(open_questions, replies, strict=True))
            given = sum(code == "NEW" for code, _ in replies)
            self.epochs.gave(uid, given)
            self.events.count("joins", given)
            open_questions = [i for i in open_questions if answers[i][0] == "RAISE"]
            if not open_questions:
                return [answers[i] for i in range(len(joins))]
            await self._raise_mark(uid, 0)
        raise Unavailable("redis")

    async def _ask_line(self, period: Period, joins: list[Join]) -> list[tuple[str, int]]:
        # The script closes by the line's clock; this host's must have got there too.
        closes_at = period.closes_at if now_ms() >= period.closes_at else NEVER
        uid, opens_at = period.uid, period.opens_at
        return await self.fenced(uid, lambda epoch: self.line.join(uid, epoch, opens_at, closes_at, joins))

    def _refuse_unless_open(self, period: Period) -> None:
        if over(period):
            self._refuse("FULL" if period.state == PeriodState.CAP_REACHED else "CLOSED", period)
        if period.mode == Mode.DRAW and period.entries is not None:
            return  # numbers behind those of the entries are given from the freeze on, before the order is drawn too
        if phase(period, now_ms()) not in (
            "open",
            "closed",
        ):  # past its end by this clock alone: the script knows
            self._refuse("EARLY", period)

    def _refuse(self, code: str, period: Period) -> None:
        if code == "PROOF":
            raise self.asking(period, "missing")
        if code == "FULL":
            raise Refusal(Code.QUOTA_REACHED, cap=period.cap)
        if code == "CLOSED":
            raise Refusal(Code.PERIOD_CLOSED, closes_at=rfc3339(period.closes_at))
        if period.mode == Mode.DRAW:
            raise early(period)
        raise Refusal(Code.ROOM_NOT_OPEN, opens_at=rfc3339(period.opens_at))

    async def welcome(self, period: Period, joined: Joined) -> Me | Entered:
        """Where a join leads. A number just given waits and is present; only one from before may have moved on."""
        if joined.existed or not joined.ticket.number:
            return await self.standing(period, joined.ticket)
        return self.show(period, await self.look(period), joined.ticket.number, None, joined.ticket.owes)

    # -- presence and position ---------------------------------------------------------------------------------------

    async def _present(self, period: Period, ticket: Ticket, proof: str = "") -> str:
        """Mark the ticket's number present, and put it back if a loss took it: WAITING, RESTORED or GONE.

        One that owes a proof is put back and not marked, unless `proof` is `proved`.
        """
        gatherer = self._seen.get(period.uid)
        if gatherer is None:
            gatherer = self._seen[period.uid] = Batcher(
                lambda some: self._present_together(period.uid, some), patience=PATIENCE_SECONDS
            )
        return await gatherer(presented(ticket, proof))

    async def _present_together(self, uid: str, tickets: list[Seen]) -> list[str]:
        for _ in range(3):
            codes = await self.fenced(uid, lambda epoch: self.line.seen(uid, epoch, tickets))
            if "RAISE" not in codes:
                return codes
            highest = max(ticket.number for ticket in tickets)
            await self._raise_mark(uid, highest)
        raise Unavailable("redis")

    async def _raise_mark(self, uid: str, at_least: int) -> None:
        await self.fenced(uid, lambda epoch: self.epochs.raise_mark(uid, epoch, at_least))

    async def restore(self, period: Period, tickets: list[Ticket]) -> None:
        """Put the numbers of these tickets back into the line (P8). Raises Unavailable."""
        for start in range(0, len(tickets), 500):
            part = [presented(ticket) for ticket in tickets[start : start + 500]]
            await self._present_together(period.uid, part)

    async def standing(self, period: Period, ticket: Ticket) -> Me | Entered:
        """`me`, or how an entry stands that is not drawn yet. Raises Unavailable."""
        return await (self.me(period, ticket) if ticket.number else self.entries.me(period, ticket))

    async def me(self, period: Period, ticket: Ticket) -> Me:
        """Where this ticket's number stands now; asking marks it present. Fails soft while Redis is away.

        Raises Unavailable when nothing at all is known of it.
        """
        try:
            place = await self._present(period, ticket)
        except Unavailable:
            place = None
        token = None
        # Over: the line may not know of the last calls yet, and nobody is told « drained » on its word alone.
        if place in ("GONE", None) or over(period):
            token = await self.db.read(lambda conn: ledger.find(conn, period.uid, ticket.number))
        look = await self.look(period)
        if token is None and look is None and period.state in (PeriodState.ARMED, PeriodState.OPEN):
            raise Unavailable("redis")
        return self.show(period, look, ticket.number, token, ticket.owes)

    def show(self, period: Period, look: Look | None, number: int, token: Token | None, owes: int = 0) -> Me:
        """The contract's `me` object from what was read; `owes` is the ticket's."""
        now = now_ms()
        if token is not None:
            return told(KnownToken(period, token, look, now, self.tokens))
        me = shown(period, look, number, now)
        return (
            msgspec.structs.replace(me, proof=owing(period, owes)) if owes and me.state == "waiting" else me
        )


def presented(ticket: Ticket, proof: str = "") -> Seen:
    """A ticket as the line takes it."""
    return Seen(ticket.number, ticket.visitor, proof or ("owes" if ticket.owes else ""))


async def _public_rows(conn: AsyncConnection) -> list[Period]:
    rows = await conn.execute(sa.select(store.period).where(store.period.c.state.in_(PUBLIC)))
    return [period_of(row) for row in rows]
