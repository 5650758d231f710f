"""The `me` object: what one ticket is shown, from what was read. Pure but for the signature of a token."""

from typing import NamedTuple

import msgspec
from msgspec import UNSET, UnsetType

from foundation.clock import rfc3339
from quota.ledger import Token, expires_at
from quota.periods import over
from quota.states import TokenState
from quota.store import Period
from waitingroom.line.looks import Look
from waitingroom.line.snapshot import estimate
from waitingroom.proof_of_work import WAIT_MS
from waitingroom.tokens import Tokens

LONGEST_POLL_SECONDS = 20
"""Presence needs a sign of life at least this often."""


class Owing(msgspec.Struct, kw_only=True, frozen=True):
    """What whoever owes a proof may do: solve the challenge at this address, or come back after this instant."""

    challenge: str
    wait_until: str


def owing(period: Period, since: int) -> Owing:
    """For a ticket that has owed a proof since this instant."""
    return Owing(challenge=f"/api/v1/periods/{period.id}/challenge", wait_until=rfc3339(since + WAIT_MS))


class Me(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """The contract's `me` object. `as_of` is when the line was looked at; instants are RFC 3339 in UTC."""

    number: int
    state: str
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
    state: str
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


STATES = {"used": "submitted", "lapsed": "lapsed", "left": "left"}


def told(known: KnownToken) -> Me:
    """A number from the call onwards. The token is minted on request, for whoever holds the ticket."""
    period, token = known.period, known.token
    live = token.state == TokenState.LIVE
    state = STATES.get(token.state) or ("redeemed" if token.account is not None else "called")
    return Me(
        number=token.number,
        state=state,
        ahead=0,
        waiting=known.look.snapshot.waiting if known.look else 0,
        estimated_wait_seconds=None,
        as_of=rfc3339(known.now),
        next_poll_seconds=5 if live else 20,
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
        state="drained" if ended else "waiting",
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


def undrawn(period: Period) -> int:
    """Before the order is drawn no entry is in the line yet, but so many of them come first."""
    return (period.entries or 0) if period.seed is None else 0


def entered(period: Period, entry: int, look: Look | None, now: int, owes: int = 0) -> Entered:
    """An entry without a number: entered, drained when the period ended, or late when entries are counted and it `owes`
    (since this instant)."""
    ended = over(period)
    given = int(look.snapshot.state.get("entry_seq", 0)) if look else 0
    return Entered(
        entry=entry,
        entries=max(entry, given) if period.entries is None else period.entries,
        opens_at=rfc3339(period.opens_at),
        state="drained" if ended else "late" if owes and period.entries is not None else "entered",
        as_of=rfc3339(now - round(look.age_seconds() * 1000) if look else now),
        next_poll_seconds=20 if now < period.opens_at else min(20, 5 + entry // 4000),
        notice=period.notice,
        server_time=rfc3339(now),
        proof=owing(period, owes) if owes and not ended else UNSET,
    )


def poll_seconds(ahead: int, calls_per_minute: int) -> int:
    """When a polling client should come back: sooner near the front, never later than 20 s (presence needs it)."""
    seconds_away = ahead * 60 / max(1, calls_per_minute)
    return max(2, min(LONGEST_POLL_SECONDS, round(seconds_away / 10)))
