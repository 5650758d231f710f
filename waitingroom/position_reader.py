"""Where one ticket stands now: what is asked of the line and of SQL for its `me` object (`positions.py`).

From the call onwards SQL is the truth. The display fails soft: while Redis is away, the last look with its age.
"""

import contextlib
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, NamedTuple

import msgspec

from foundation.clock import now_ms
from foundation.errors import Unavailable
from foundation.sql.database import Database
from quota import ledger
from quota.ledger import Token
from quota.periods import over
from quota.states import Mode, PeriodState
from quota.store import Period
from waitingroom.draw.entries import Entries
from waitingroom.line.looks import Look, Looks
from waitingroom.line.replies import SeenReply
from waitingroom.line.states import LinePlace
from waitingroom.period_cache import PeriodCache
from waitingroom.positions import Entered, KnownToken, Me, entered, owing, shown, told
from waitingroom.presence import PresenceMarks
from waitingroom.states import PersonState
from waitingroom.tickets import Ticket
from waitingroom.tokens import Tokens

KNOWN_SECONDS: Final = 1.5
"""What pages and polls are answered from at once is no older: rows and looks are renewed each second."""

LOOK_SECONDS: Final = 2.0
"""A look that is older is no answer at once: a feed that goes well takes one each second."""

SURE_MINUTES: Final = 1
"""Of calls: with so many ahead nobody is called within the age of a look."""

_DRAW: Final = Mode.DRAW

_WAITING: Final = LinePlace.WAITING


class Standing(NamedTuple):
    """What the place of a number that waits follows from, and how many the look has ahead of it."""

    period: Period
    look: Look
    ahead: int


class PositionReader:
    """Reads positions for pages, polls and the feed."""

    def __init__(
        self,
        db: Database,
        periods: PeriodCache,
        looks: Looks,
        presence: PresenceMarks,
        entries: Entries,
        tokens: Tokens,
    ) -> None:
        self._db, self._periods, self._looks, self._presence = db, periods, looks, presence
        self._entries, self._tokens = entries, tokens

    def known(self, id: str) -> Period | None:
        """The period of this name, if its row and the look at its line are so fresh that nothing has to be asked."""
        period = self._periods.fresh(id, KNOWN_SECONDS)
        return period if period is not None and self._is_known(period) else None

    def all_known(self) -> list[Period] | None:
        """Every public period, if the same is true of all of them."""
        periods = self._periods.all_fresh(KNOWN_SECONDS)
        return periods if periods is not None and all(map(self._is_known, periods)) else None

    def _is_known(self, period: Period) -> bool:
        if period.state is PeriodState.ANNOUNCED:  # it has no line yet
            return True
        # One that is no longer fresh is renewed meanwhile.
        return self._looks.recent(period, KNOWN_SECONDS) is not None

    def ask(self, period: Period, ticket: Ticket, then: Callable[[Standing | None], None]) -> bool:
        """Ask whether this number waits, without waiting for the line; asking marks it present. `then` hears row and
        look of a number that does, at once where the look tells; None for `standing`, which knows the rest.

        False, before anything was asked, for what the line alone does not know. Raises Unavailable.
        """
        if not ticket.number or ticket.owes or over(period):
            return False
        standing = self.sure(period, ticket.number)
        if standing is None:
            self._presence.put(period, ticket, partial(self._seen, period, ticket.number, then))
            return True
        self.note(period, ticket)
        then(standing)
        return True

    async def asked(self, period: Period, ticket: Ticket) -> Standing | None:
        """The same where the look had to be waited for: of a number that waits by it, without asking the line about
        each; None for `standing`, which knows the rest. A crowd whose rows and looks came late is told by one look."""
        if not ticket.number or ticket.owes or over(period):
            return None
        await self._looks.look(period)
        standing = self.sure(period, ticket.number)
        if standing is not None:
            self.note(period, ticket)
        return standing

    def _seen(
        self, asked: Period, number: int, then: Callable[[Standing | None], None], reply: SeenReply | BaseException,
    ) -> None:  # fmt: skip
        period, look = self._periods.latest(asked), self._looks.last(asked.uid)
        waits = reply is SeenReply.WAITING or reply is SeenReply.RESTORED
        if waits and look is not None and not over(period):
            then(Standing(period, look, look.snapshot.ahead(number)))
        else:
            then(None)

    def sure(self, period: Period, number: int) -> Standing | None:
        """Where this number stands, if the last look tells at once; None where more has to be asked.

        It must wait by a look that is no older than what is shown anyway, and behind more people than can be called
        meanwhile: nobody is told that they wait who was called since.
        """
        look = self._looks.recent(period, LOOK_SECONDS)
        if look is None or over(period) or (period.mode == _DRAW and period.seed is None):
            return None
        if look.snapshot.place(number) is not _WAITING:
            return None
        ahead = look.snapshot.ahead(number)
        return Standing(period, look, ahead) if ahead > period.calls_per_minute * SURE_MINUTES else None

    def note(self, period: Period, ticket: Ticket) -> None:
        """Mark it present with the next marks."""
        self._presence.note(period, ticket)

    def joined(self, period: Period, ticket: Ticket) -> None:
        """Somebody who was just given this number is about to ask for its place: the join has marked it."""
        self._presence.joined(period, ticket)

    async def standing(self, period: Period, ticket: Ticket) -> Me | Entered:
        """`me`, or how an entry stands that is not drawn yet. Raises Unavailable."""
        return await (self.me(period, ticket) if ticket.number else self._entry(period, ticket))

    async def me(self, period: Period, ticket: Ticket) -> Me:
        """Where this ticket's number stands now; asking marks it present. Fails soft while Redis is away.

        Raises Unavailable when nothing at all is known of it.
        """
        try:
            reply: SeenReply | None = await self._presence.see(period, ticket)
        except Unavailable:
            reply = None
        token = None
        # Over: the line may not know of the last calls yet, and nobody is told « drained » on its word alone.
        if reply in (SeenReply.GONE, None) or over(period):
            token = await self._db.read(lambda conn: ledger.find(conn, period.uid, ticket.number))
        look = await self._looks.look(period)
        if token is None and look is None and period.state in (PeriodState.ARMED, PeriodState.OPEN):
            raise Unavailable("redis")
        return self.show(period, look, ticket.number, token, ticket.owes)

    def show(self, period: Period, look: Look | None, number: int, token: Token | None, owes: int = 0) -> Me:
        """The contract's `me` object from what was read; `owes` is the ticket's."""
        now = now_ms()
        if token is not None:
            return told(KnownToken(period, token, look, now, self._tokens))
        me = shown(period, look, number, now)
        if owes and me.state is PersonState.WAITING:
            return msgspec.structs.replace(me, proof=owing(period, owes))
        return me

    async def tokens(self, period: Period, numbers: Sequence[int]) -> dict[int, Token]:
        """The rows of those of these numbers that have one, in one question. Raises Unavailable."""
        return await self._db.read(lambda conn: ledger.find_many(conn, period.uid, numbers))

    async def _entry(self, period: Period, ticket: Ticket) -> Entered:
        """How this entry stands; asking marks its person present. Fails soft while Redis is away."""
        if not over(period):
            with contextlib.suppress(Unavailable):
                await self._entries.stand(period, ticket)
        return entered(period, ticket.entry, await self._looks.look(period), now_ms(), ticket.owes)
