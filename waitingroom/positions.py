"""The `me` object: what one ticket is shown, from what was read. Pure but for the signature of a token."""

from typing import NamedTuple

import msgspec
from msgspec import UNSET, UnsetType

from foundation.clock import rfc3339
from quota.ledger import Token, expires_at
from quota.periods import over
from quota.states import PeriodState, TokenState
from quota.store import Period
from waitingroom.joins.proof_of_work import WAIT_MS
from waitingroom.joins.refusals import challenge_path
from waitingroom.line.looks import Look
from waitingroom.line.snapshot import estimate
from waitingroom.states import PersonState
from waitingroom.tokens import Tokens

SHORTEST_POLL_SECONDS, LONGEST_POLL_SECONDS = 2, 20
"""Presence needs a heartbeat at least each 20 s (`line/store.py`: PRESENT_SLOTS)."""

CALLED_POLL_SECONDS = 5
"""With a token that lives: what becomes of it is news."""

ENTRIES_A_SECOND = 4_000
"""Between opening and draw all entries poll; so many more, so many seconds longer each, from CALLED_POLL_SECONDS on."""


class Owing(msgspec.Struct, kw_only=True, frozen=True):
    """What may be done about a proof that is owed: solve the challenge here, or come back after this instant."""

    challenge: str
    wait_until: str


def owing(period: Period, since: int) -> Owing:
    """For a ticket that has owed a proof since this instant."""
    return Owing(challenge=challenge_path(period), wait_until=rfc3339(since + WAIT_MS))


class Me(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """The contract's `me` object. `as_of` is when the line was looked at; instants are RFC 3339 in UTC."""

    number: int
    state: PersonState
    ahead: int
    waiting: int
    estimated_wait_seconds: tuple[int, int] | None
    as_of: str
    next_poll_seconds: int
    paused: bool
    notice: str | None
    server_time: str
    token: str | None = None
    expires_at: str | None = None
    receipt: str | None = None
    proof: Owing | None = None


class Entered(msgspec.Struct, kw_only=True, frozen=True):
    """The `me` object of an entry in mode draw, until the order is drawn. `entries`: how many there are so far.

    `proof` is there while the entry owes one. Once entries are counted its state is `late`: it is not drawn, and a join
    gives a number behind them.
    """

    entry: int
    entries: int
    opens_at: str
    state: PersonState
    as_of: str
    next_poll_seconds: int
    notice: str | None
    server_time: str
    number: None = None
    ahead: None = None
    waiting: None = None
    estimated_wait_seconds: None = None
    paused: bool = False
    proof: Owing | UnsetType = UNSET


class KnownToken(NamedTuple):
    """What is known of a number that has a row in SQL."""

    period: Period
    token: Token
    look: Look | None
    now: int
    tokens: Tokens


ENDS = {
    TokenState.USED: PersonState.SUBMITTED,
    TokenState.LAPSED: PersonState.LAPSED,
    TokenState.LEFT: PersonState.LEFT,
    TokenState.CANCELLED: PersonState.ANNULLED,
}


def told(known: KnownToken) -> Me:
    """A number from the call onwards. The token is minted on request, for the holder of the ticket."""
    period, token = known.period, known.token
    live = token.state == TokenState.LIVE and period.state != PeriodState.ANNULLED
    bound = token.account is not None
    state = ENDS.get(token.state) or (PersonState.REDEEMED if bound else PersonState.CALLED)
    if period.state == PeriodState.ANNULLED:
        state = PersonState.ANNULLED
    return Me(
        number=token.number,
        state=state,
        ahead=0,
        waiting=known.look.snapshot.waiting if known.look else 0,
        estimated_wait_seconds=None,
        as_of=rfc3339(known.now),
        next_poll_seconds=CALLED_POLL_SECONDS if live else LONGEST_POLL_SECONDS,
        paused=period.paused or period.suspended,
        notice=period.notice,
        server_time=rfc3339(known.now),
        token=known.tokens.mint(period, token, known.now) if live else None,
        expires_at=rfc3339(expires_at(period, token, known.now)) if live else None,
        receipt=token.receipt,
    )


def shown(period: Period, look: Look | None, number: int, now: int) -> Me:
    """A number that was never called: waiting, or drained when the period is over (WR-11, QU-04)."""
    ended = over(period)
    stopped = period.paused or period.suspended
    first = undrawn(period)
    ahead = look.snapshot.ahead(number) if look and not ended else 0
    ahead = min(number - 1, ahead + first)  # a look from before the opening counts the entries too
    waiting = first + look.snapshot.waiting if look else first
    wait = (
        None
        if ended or stopped or first
        else estimate(ahead, period.calls_per_minute, look.per_minute if look else None)
    )
    return Me(
        number=number,
        state=ended_as(period) if ended else PersonState.WAITING,
        ahead=ahead,
        waiting=waiting
        if ended
        else max(waiting, ahead + 1),  # a look from before the join does not count the one who asks
        estimated_wait_seconds=wait,
        as_of=rfc3339(now - round(look.age_seconds() * 1000) if look else now),
        next_poll_seconds=poll_seconds(ahead, period.calls_per_minute),
        paused=stopped,
        notice=period.notice,
        server_time=rfc3339(now),
    )


def ended_as(period: Period) -> PersonState:
    """What somebody who was never called is told when a period is over."""
    return PersonState.ANNULLED if period.state == PeriodState.ANNULLED else PersonState.DRAINED


def undrawn(period: Period) -> int:
    """Before the order is drawn no entry is in the line yet, but so many of them come first."""
    return (period.entries or 0) if period.seed is None else 0


def entered(period: Period, entry: int, look: Look | None, now: int, owes: int = 0) -> Entered:
    """An entry without a number: entered, drained when the period ended, or late when entries are counted and it `owes`
    (since this instant)."""
    ended = over(period)
    late = owes and period.entries is not None
    given = int(look.snapshot.state.get("entry_seq", 0)) if look else 0
    return Entered(
        entry=entry,
        entries=max(entry, given) if period.entries is None else period.entries,
        opens_at=rfc3339(period.opens_at),
        state=ended_as(period) if ended else PersonState.LATE if late else PersonState.ENTERED,
        as_of=rfc3339(now - round(look.age_seconds() * 1000) if look else now),
        next_poll_seconds=entry_poll_seconds(entry, now < period.opens_at),
        notice=period.notice,
        server_time=rfc3339(now),
        proof=owing(period, owes) if owes and not ended else UNSET,
    )


def entry_poll_seconds(entry: int, before_opening: bool) -> int:
    """When a polling client with an entry should come back: nothing moves before the opening."""
    if before_opening:
        return LONGEST_POLL_SECONDS
    return min(LONGEST_POLL_SECONDS, CALLED_POLL_SECONDS + entry // ENTRIES_A_SECOND)


def poll_seconds(ahead: int, calls_per_minute: int) -> int:
    """When a polling client should come back: sooner near the front, after a tenth of the way at most."""
    seconds_away = ahead * 60 / max(1, calls_per_minute)
    return max(SHORTEST_POLL_SECONDS, min(LONGEST_POLL_SECONDS, round(seconds_away / 10)))
