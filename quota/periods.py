"""The life cycle of a period: one table of moves, and what follows from the clock. All pure (`quota/moves/` writes).

    draft -announce-> announced -arm-> armed -open-> open -reach_cap-> cap_reached
                          |  <-disarm-    |           |
                          +------------close----------+-> closed           (each of them but a draft) -annul-> annulled

Only the schedule opens (P10): no operator has that move. `paused` and `suspended` are flags of `open`: a pause stops
calls and the service clock, a suspension stops submissions too. An end clears a pause, and the tokens that live then
may finish; it clears no suspension, whoever or whatever ends the period: only an operator who resumes does (ADR 0020).
"""

from datetime import date, datetime
from typing import Final

import msgspec

from foundation.clock import montreal_instant
from foundation.errors import Code, Refusal
from quota.programmes import WindowRules
from quota.states import ENDED, MOVES, TARGETS, Action, Mode, PeriodState, Stand
from quota.store import Period

_OPEN: Final = PeriodState.OPEN
"""To read a member from its class costs more than the rest of what is asked for every join."""

HOUR_MS = 3_600_000

BEFORE_THE_OPENING: Final = frozenset({Action.ANNOUNCE, Action.ARM, Action.DISARM})
"""Moves that come too late from the opening on."""


class Flags(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a period's row that moves change. `paused_at` and `ended_at` are instants."""

    state: PeriodState
    paused: bool = False
    suspended: bool = False
    paused_at: int | None = None
    ended_at: int | None = None

    @property
    def stand(self) -> Stand:
        """The state, told apart by its flags."""
        if self.state == PeriodState.CLOSED and self.suspended:
            return Stand.CLOSED_SUSPENDED
        if self.state != PeriodState.OPEN:
            return Stand(self.state)
        return Stand.SUSPENDED if self.suspended else Stand.PAUSED if self.paused else Stand.OPEN


def flags_of(period: Period) -> Flags:
    """What moves change of this period."""
    return Flags(
        state=period.state,
        paused=period.paused,
        suspended=period.suspended,
        paused_at=period.paused_at,
        ended_at=period.ended_at,
    )


def move(flags: Flags, action: Action, now: int, opens_at: int, notice_hours: int = 0) -> Flags:
    """What becomes of a period by this move. Raises Refusal move_not_allowed with `from` and `to`.

    Announcing, arming and disarming come before `opens_at`, opening at it or after (WR-02). With `notice_hours` a
    period is announced at least so long before it opens (WR-18).
    """
    stand = MOVES.get((flags.stand, action))
    too_late = (action in BEFORE_THE_OPENING and now >= opens_at) or (
        action == Action.ANNOUNCE and now > opens_at - notice_hours * HOUR_MS
    )
    too_early = action == Action.OPEN and now < opens_at
    if stand is None or too_late or too_early:
        raise Refusal(Code.MOVE_NOT_ALLOWED, **{"from": flags.stand, "to": TARGETS[action]})
    if stand in {Stand.PAUSED, Stand.SUSPENDED}:
        return Flags(state=PeriodState.OPEN, paused=True, suspended=stand == Stand.SUSPENDED, paused_at=now)
    ended_at = flags.ended_at or now
    if stand == Stand.CLOSED_SUSPENDED:
        return Flags(state=PeriodState.CLOSED, suspended=True, paused_at=flags.paused_at, ended_at=ended_at)
    state = PeriodState(stand)
    return Flags(state=state, ended_at=ended_at if state in ENDED else None)


def stopped(flags: Flags, live_tokens: int, now: int) -> Flags:
    """What the kill switch makes of a period (ADR 0023): never refused, and the same when it is pressed again.

    What is open is suspended, also over a pause; what is closed takes no submission of the tokens that live; what is
    armed is armed no longer, so that it does not open. Anything else stands still already (at the cap no token lives).
    """
    if flags.state == PeriodState.ARMED:
        return Flags(state=PeriodState.ANNOUNCED)
    running = flags.state == _OPEN or (flags.state == PeriodState.CLOSED and live_tokens > 0)
    if flags.suspended or not running:
        return flags
    return msgspec.structs.replace(flags, paused=flags.state == _OPEN, suspended=True, paused_at=now)


def due(flags: Flags, now: int, opens_at: int, closes_at: int, ready: bool = True) -> list[Action]:
    """The schedule's moves that are due, in their order; also across a pause, and after a ticker slept for hours.

    `ready`: the schedule is all that is waited for. A draw that lacks its public value never opens, but it ends.
    """
    opening: list[Action] = (
        [Action.OPEN] if flags.state == PeriodState.ARMED and now >= opens_at and ready else []
    )
    closing: list[Action] = (
        [Action.CLOSE] if now >= closes_at and flags.state in (PeriodState.ARMED, PeriodState.OPEN) else []
    )
    return opening + closing


def ready(period: Period) -> bool:
    """Whether only the schedule keeps an armed period from opening: in mode draw the entries are frozen and the public
    value is there."""
    return period.mode != Mode.DRAW or (period.entries is not None and period.public_value is not None)


def effective(period: Period, now: int) -> Flags:
    """How a period stands at this instant by the clock, whether or not a tick has written it yet (P10).

    In mode draw the opening is not the clock's alone: it is the transaction that reveals the seed.
    """
    flags = flags_of(period)
    for action in due(flags, now, period.opens_at, period.closes_at, period.mode != Mode.DRAW):
        flags = move(flags, action, now, period.opens_at)
    return flags


def phase(period: Period, now: int) -> PeriodState:
    """The state that a period effectively has at this instant: `open` from `opens_at` on, `closed` from `closes_at`."""
    if period.state == _OPEN and now < period.closes_at:
        return _OPEN  # nothing is due, and this is asked for every join
    return effective(period, now).state


def over(period: Period) -> bool:
    """Whether it is recorded that nobody will be called any more. No clock of one host alone ends a period: the ticker
    records an end when its own clock and the line's agree, and until then nobody is sent away."""
    return period.state in ENDED


def read_instant(text: str) -> int:
    """An instant as people give it: RFC 3339, or a local time without an offset, which is Montréal's (WR-14).

    Raises ValueError for a local time that a clock in Montréal shows twice or never.
    """
    moment = datetime.fromisoformat(text)
    return montreal_instant(moment) if moment.tzinfo is None else round(moment.timestamp() * 1000)


def day_alone(text: str) -> date | None:
    """The day, where people give a date without a time; None for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def read_opening(text: str, window: WindowRules) -> int:
    """An opening as people give it: as `read_instant`, and a date alone is the programme's opening hour of that day."""
    day = day_alone(text)
    return read_instant(text) if day is None else window.opens_on(day)


def read_closing(text: str, window: WindowRules) -> int:
    """The same for a closing: a date alone is the programme's closing hour of that day."""
    day = day_alone(text)
    return read_instant(text) if day is None else window.closes_on(day)
