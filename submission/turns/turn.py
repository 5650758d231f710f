"""Whose turn it is: what the pages of the ten minutes follow from, read for all who ask together.

From SQL alone: who was called can sign in and submit while Redis is away. One look at SQL serves all who ask while the
last one was under way; what belongs to whom is told apart by what each of them showed, and by nothing else.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import sessions
from accounts.sessions import Session
from foundation.batching import Batcher
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from quota import ledger
from quota.ledger import Token
from quota.states import PeriodState, TokenState
from quota.store import Period
from server.requests import Incoming
from submission.drafts import repository
from submission.drafts.encryption import DraftCiphers
from submission.drafts.repository import Draft
from submission.services import SubmissionServices
from waitingroom.pages import RETURNING
from waitingroom.tickets import Ticket


class CandidateTurn(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks about which period: the row of their number, and the account that is signed in here, if any.

    `has_ticket`: whether this browser shows a number of the period at all, called or not. `draft` is what the account
    has filled in, where that was asked for.
    """

    period: Period
    token: Token | None
    session: Session | None
    has_ticket: bool
    draft: Draft | None = None

    @property
    def room(self) -> str:
        return f"/periodes/{self.period.id}"

    @property
    def other_session(self) -> Session | None:
        """The session of this browser where the token is another account's: whoever began it has to come back."""
        is_bound = self.token is not None and self.token.account is not None
        return self.session if is_bound and not self.is_theirs else None

    @property
    def standing(self) -> str:
        """The room's page that says where they stand, and, to a browser without a number, that it shows none."""
        return self.room if self.has_ticket else f"{self.room}?{RETURNING}=1"

    @property
    def is_live(self) -> bool:
        """Whether the number was called, and nothing has come of it yet."""
        return self.token is not None and self.token.state == TokenState.LIVE

    @property
    def is_theirs(self) -> bool:
        """Whether the account that is signed in is the one the token belongs to."""
        return bool(self.token and self.session and self.token.account == self.session.owner)


class Shown(NamedTuple):
    """What one request shows: the period of its address, the ticket, the digest of the session."""

    period_id: str
    ticket: Ticket | None
    session: str | None
    with_draft: bool = False


MOST_TOGETHER = 64
"""Who is read together: some milliseconds, for which everybody else waits."""

PATIENCE_SECONDS = 5.0
"""Who would wait longer is shed at once (backpressure). Candidates do not come by the thousand: each was called."""


class Turns:
    """The turns of one process."""

    def __init__(self, services: SubmissionServices) -> None:
        self._services = services
        self._batcher = Batcher[Shown, CandidateTurn | Refusal](
            self._read, MOST_TOGETHER, "sql", PATIENCE_SECONDS
        )

    def ask(
        self,
        came: Incoming,
        then: Callable[[CandidateTurn | BaseException], None],
        *,
        with_draft: bool = False,
    ) -> None:
        """`then` hears whose turn it is, or Refusal not_found. Raises Unavailable when too many ask already."""
        self._batcher.put(self._shown(came, with_draft), then)

    def ask_of(
        self, came: Incoming, period_id: str, then: Callable[[CandidateTurn | BaseException], None]
    ) -> None:
        """As `ask`, for a period that the address does not name."""
        self._batcher.put(self.shown_of(came, period_id), then)

    async def turn(self, came: Incoming) -> CandidateTurn:
        """The same, waited for. Refusal not_found; Unavailable."""
        found = await self._batcher(self._shown(came, False))
        if isinstance(found, Refusal):
            raise found
        return found

    def _shown(self, came: Incoming, with_draft: bool) -> Shown:
        period_id = came.parameters["id"]
        return Shown(period_id, self._services.ticket_in(came, period_id), sessions.shown(came), with_draft)

    def shown_of(self, came: Incoming, period_id: str) -> Shown:
        """What a request shows of a period that its address does not name, for `of_shown`."""
        return Shown(period_id, self._services.ticket_in(came, period_id), sessions.shown(came))

    async def _read(self, some: list[Shown]) -> list[CandidateTurn | Refusal]:
        return await self._services.db.read(lambda conn: _together(conn, self._services.drafts, some))


async def _together(
    conn: AsyncConnection, ciphers: DraftCiphers, some: list[Shown]
) -> list[CandidateTurn | Refusal]:
    """One look for all of them; what is refused is one person's."""
    periods = await ledger.periods_by_id(conn, {one.period_id for one in some})
    tokens = await _tokens(conn, some, periods)
    with_drafts = {one.session for one in some if one.session and one.with_draft}
    found, written = await repository.of_sessions(conn, ciphers, with_drafts)
    now = now_ms()
    signed_in = {digest: one for digest, one in found.items() if one.expires_at > now}
    signed_in |= await sessions.running(conn, {one.session for one in some if one.session} - with_drafts)
    return [_turn_of(one, periods.get(one.period_id), tokens, signed_in, written) for one in some]


async def of_shown(
    conn: AsyncConnection, some: Sequence[Shown], known: Mapping[str, Session]
) -> list[CandidateTurn | Refusal]:
    """The same on a connection of the caller's, whose sessions were read already: `known` by digest, ended ones too.
    Without drafts."""
    periods = await ledger.periods_by_id(conn, {one.period_id for one in some})
    tokens = await _tokens(conn, some, periods)
    now = now_ms()
    signed_in = {digest: one for digest, one in known.items() if one.expires_at > now}
    return [_turn_of(one, periods.get(one.period_id), tokens, signed_in, {}) for one in some]


async def _tokens(
    conn: AsyncConnection, some: Sequence[Shown], periods: Mapping[str, Period]
) -> dict[tuple[str, int], Token]:
    """The rows of the numbers that are shown, by the period's uid and number."""
    numbers: dict[str, set[int]] = {}
    for one in some:
        period = periods.get(one.period_id)
        if period is not None and one.ticket is not None and one.ticket.uid == period.uid:
            numbers.setdefault(period.uid, set()).add(one.ticket.number)
    return {
        (uid, number): token
        for uid, theirs in numbers.items()
        for number, token in (await ledger.find_many(conn, uid, list(theirs))).items()
    }


def _turn_of(
    one: Shown,
    period: Period | None,
    tokens: Mapping[tuple[str, int], Token],
    signed_in: Mapping[str, Session],
    written: Mapping[tuple[int, str], Draft],
) -> CandidateTurn | Refusal:
    if period is None or period.state == PeriodState.DRAFT:
        return Refusal(Code.NOT_FOUND)
    number = one.ticket.number if one.ticket is not None and one.ticket.uid == period.uid else None
    session = None if one.session is None else signed_in.get(one.session)
    return CandidateTurn(
        period=period,
        token=None if number is None else tokens.get((period.uid, number)),
        session=session,
        has_ticket=number is not None,
        draft=written.get((session.owner, period.programme))
        if session is not None and one.with_draft
        else None,
    )
