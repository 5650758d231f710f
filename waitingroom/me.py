"""The `me` object: what one ticket is shown, from what was read. Pure but for the signature of a token."""

import time
from typing import NamedTuple

import msgspec
from msgspec import UNSET, UnsetType

from quota.clock import rfc3339
from quota.ledger import Token, expires_at
from quota.periods import over
from quota.store import Period
from waitingroom.line import Snapshot, estimate
from waitingroom.proofs import WAIT_MS
from waitingroom.tokens import Tokens

LONGEST_POLL_SECONDS = 20
"""Presence needs a sign of life at least this often."""

RATE_SECONDS = 120.0
"""The range of a wait is worked out from how fast the line moved over this time."""


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


class Waited(NamedTuple):
    """A look at the line, when this process took it, and how many numbers were gone at which times."""

    snapshot: Snapshot
    looked: float
    gone: tuple[tuple[float, int], ...] = ()
    per_minute: float | None = None

    @classmethod
    def after(cls, before: "Waited | None", snapshot: Snapshot) -> "Waited":
        now = time.monotonic()
        history = before.gone if before else ()
        if not history or now - history[-1][0] >= 5.0:
            count = int.from_bytes(snapshot.gone, "big").bit_count()
            history = (*(one for one in history if now - one[0] <= RATE_SECONDS), (now, count))
        return cls(snapshot, now, history, _per_minute(history))

    def age_seconds(self) -> float:
        return time.monotonic() - self.looked


def _per_minute(gone: tuple[tuple[float, int], ...]) -> float | None:
    """How fast the line moved over these looks."""
    if len(gone) < 2:
        return None
    (start, before), (end, after) = gone[0], gone[-1]
    return max(0, after - before) * 60 / (end - start)


class Told(NamedTuple):
    """What is known of a number that has a row in SQL."""

    period: Period
    token: Token
    look: Waited | None
    now: int
    tokens: Tokens


STATES = {"used": "submitted", "lapsed": "lapsed", "left": "left"}


def told(known: Told) -> Me:
    """A number from the call onwards. The token is minted on request, for whoever holds the ticket."""
    period, token = known.period, known.token
    live = token.state == "live"
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


def shown(period: Period, look: Waited | None, number: int, now: int) -> Me:
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


def entered(period: Period, entry: int, look: Waited | None, now: int, owes: int = 0) -> Entered:
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
