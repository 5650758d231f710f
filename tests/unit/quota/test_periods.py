"""The life cycle, as one table: every move that is not in it is refused, and the clock decides the rest."""

from itertools import product

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.clock import parse_rfc3339
from foundation.errors import Refusal
from quota.periods import Flags, due, flags_of, move, phase, read_closing, read_instant, read_opening, stopped
from quota.programmes import load
from quota.states import BY_OPERATORS, MOVES, TARGETS, Action, PeriodState
from quota.store import Period
from tests.support.places import ROOT

OPENS, CLOSES = 1_000_000, 9_000_000

EARLY, DURING, AFTER = OPENS - 1, OPENS + 1, CLOSES

DRAFT = Flags(state=PeriodState.DRAFT)

ANNOUNCED = Flags(state=PeriodState.ANNOUNCED)

ARMED = Flags(state=PeriodState.ARMED)

OPEN = Flags(state=PeriodState.OPEN)

PAUSED = Flags(state=PeriodState.OPEN, paused=True, paused_at=5)

SUSPENDED = Flags(state=PeriodState.OPEN, paused=True, suspended=True, paused_at=5)

REACHED = Flags(state=PeriodState.CAP_REACHED, ended_at=5)

CLOSED = Flags(state=PeriodState.CLOSED, ended_at=5)

CLOSED_SUSPENDED = Flags(state=PeriodState.CLOSED, suspended=True, paused_at=5, ended_at=6)

ANNULLED = Flags(state=PeriodState.ANNULLED, ended_at=5)

STANDS = (
    DRAFT, ANNOUNCED, ARMED, OPEN, PAUSED, SUSPENDED, REACHED, CLOSED, CLOSED_SUSPENDED, ANNULLED,
)  # fmt: skip


def period(flags: Flags) -> Period:
    return Period(
        uid="u", id="demo", programme="demo", ordinal=1, opens_at=OPENS, closes_at=CLOSES, cap=1, held=0, accepted=0,
        calls_per_minute=1, most_live_tokens=1, token_seconds=600, accounts_created_before=None, pay_days=30,
        notice=None, clock=0, ticked_at=0, next_call=0, epoch=0, mark=0, version=0, person_key="k",
        **msgspec.structs.asdict(flags),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("before", "action", "now", "after"),
    [
        (DRAFT, "announce", EARLY, ANNOUNCED),
        (ARMED, "disarm", EARLY, ANNOUNCED),
        (ANNOUNCED, "arm", EARLY, ARMED),
        (ARMED, "open", OPENS, OPEN),
        (OPEN, "pause", DURING, Flags(state=PeriodState.OPEN, paused=True, paused_at=DURING)),
        (
            OPEN,
            "suspend",
            DURING,
            Flags(state=PeriodState.OPEN, paused=True, suspended=True, paused_at=DURING),
        ),
        (
            PAUSED,
            "suspend",
            DURING,
            Flags(state=PeriodState.OPEN, paused=True, suspended=True, paused_at=DURING),
        ),
        (PAUSED, "resume", DURING, OPEN),
        (SUSPENDED, "resume", DURING, OPEN),
        (OPEN, "reach_cap", DURING, Flags(state=PeriodState.CAP_REACHED, ended_at=DURING)),
        (PAUSED, "reach_cap", DURING, Flags(state=PeriodState.CAP_REACHED, ended_at=DURING)),
        (ANNOUNCED, "close", EARLY, Flags(state=PeriodState.CLOSED, ended_at=EARLY)),
        (ARMED, "close", EARLY, Flags(state=PeriodState.CLOSED, ended_at=EARLY)),
        (OPEN, "close", DURING, Flags(state=PeriodState.CLOSED, ended_at=DURING)),
        (PAUSED, "close", AFTER, Flags(state=PeriodState.CLOSED, ended_at=AFTER)),
        (
            SUSPENDED,
            "close",
            AFTER,
            Flags(state=PeriodState.CLOSED, suspended=True, paused_at=5, ended_at=AFTER),
        ),
        (CLOSED_SUSPENDED, "resume", AFTER, Flags(state=PeriodState.CLOSED, ended_at=6)),
        (ANNOUNCED, "annul", EARLY, Flags(state=PeriodState.ANNULLED, ended_at=EARLY)),
        (SUSPENDED, "annul", DURING, Flags(state=PeriodState.ANNULLED, ended_at=DURING)),
        (REACHED, "annul", AFTER, ANNULLED),
        (CLOSED, "annul", AFTER, ANNULLED),
        (CLOSED_SUSPENDED, "annul", AFTER, Flags(state=PeriodState.ANNULLED, ended_at=6)),
    ],
)
def test_moves_that_are_allowed(before: Flags, action: Action, now: int, after: Flags) -> None:
    """Each move leads where the table says; an end clears a pause, never a suspension."""
    assert move(before, action, now, OPENS) == after


@pytest.mark.parametrize(("flags", "action"), list(product(STANDS, Action)))
def test_every_other_move_is_refused(flags: Flags, action: Action) -> None:
    """Whatever is not in the table is 409 with where from and where to, at any time."""
    if (flags.stand, action) in MOVES:
        return
    for now in (EARLY, DURING, AFTER):
        with pytest.raises(Refusal) as refusal:
            move(flags, action, now, OPENS)
        assert refusal.value.code == "move_not_allowed"
        assert refusal.value.fields == {"from": flags.stand, "to": TARGETS[action]}


@pytest.mark.parametrize(
    ("flags", "action"), [(DRAFT, Action.ANNOUNCE), (ANNOUNCED, Action.ARM), (ARMED, Action.DISARM)]
)
def test_what_comes_before_the_opening_is_too_late_at_it(flags: Flags, action: Action) -> None:
    """A period is announced, armed and disarmed before its opening, not at it: nothing opens by accident (P10)."""
    for now in (OPENS, AFTER):
        with pytest.raises(Refusal, match="move_not_allowed"):
            move(flags, action, now, OPENS)


def test_nothing_opens_early() -> None:
    """Not even the schedule opens a period a millisecond early (WR-02)."""
    with pytest.raises(Refusal, match="move_not_allowed"):
        move(ARMED, Action.OPEN, EARLY, OPENS)


def test_no_operator_opens() -> None:
    """Opening and reaching the cap are nobody's buttons (P10)."""
    assert {"open", "reach_cap"}.isdisjoint(BY_OPERATORS)
    assert {*BY_OPERATORS, "open", "reach_cap"} == set(Action)


def test_notice_of_a_day() -> None:
    """With a notice of 24 hours a period is announced a day ahead or not at all (WR-18)."""
    opens_at = 100 * 3_600_000
    last = opens_at - 24 * 3_600_000
    assert move(DRAFT, Action.ANNOUNCE, last, opens_at, notice_hours=24) == ANNOUNCED
    with pytest.raises(Refusal, match="move_not_allowed"):
        move(DRAFT, Action.ANNOUNCE, last + 1, opens_at, notice_hours=24)


@pytest.mark.parametrize(
    ("flags", "now", "effective"),
    [
        (DRAFT, AFTER, "draft"),
        (ANNOUNCED, DURING, "announced"),
        (ARMED, EARLY, "armed"),
        (ARMED, OPENS, "open"),
        (ARMED, CLOSES - 1, "open"),
        (ARMED, CLOSES, "closed"),
        (OPEN, DURING, "open"),
        (OPEN, CLOSES, "closed"),
        (PAUSED, CLOSES, "closed"),
        (SUSPENDED, CLOSES, "closed"),
        (REACHED, AFTER, "cap_reached"),
        (CLOSED, DURING, "closed"),
        (CLOSED_SUSPENDED, AFTER, "closed"),
        (ANNULLED, DURING, "annulled"),
    ],
)
def test_the_phase_follows_the_clock(flags: Flags, now: int, effective: str) -> None:
    """A period opens and closes at its instants even if no tick recorded it, paused or not; only an armed one opens."""
    assert phase(period(flags), now) == effective


@given(st.sampled_from(STANDS), st.integers(0, CLOSES + 10))
def test_the_schedule_never_makes_a_forbidden_move(flags: Flags, now: int) -> None:
    """Whatever is due is allowed, and afterwards nothing is due."""
    for action in due(flags, now, OPENS, CLOSES):
        flags = move(flags, action, now, OPENS)
    assert due(flags, now, OPENS, CLOSES) == []


def test_flags_of_a_period() -> None:
    """A period's flags are those of its row."""
    assert all(flags_of(period(flags)) == flags for flags in STANDS)


def test_instants_in_montreal() -> None:
    """Without an offset a time is Montréal's; a time that a clock there shows twice or never is refused (WR-14)."""
    assert read_instant("2016-06-13T08:30") == parse_rfc3339("2016-06-13T12:30:00Z")
    assert read_instant("2016-12-13T08:30") == parse_rfc3339("2016-12-13T13:30:00Z")
    assert read_instant("2016-06-13T12:30:00.000Z") == parse_rfc3339("2016-06-13T12:30:00Z")
    assert read_instant("2016-11-06T01:30-04:00") == parse_rfc3339("2016-11-06T05:30:00Z")
    with pytest.raises(ValueError, match="twice"):
        read_instant("2016-11-06T01:30")
    with pytest.raises(ValueError, match="never"):
        read_instant("2016-03-13T02:30")
    with pytest.raises(ValueError, match="Invalid"):
        read_instant("demain")


@pytest.mark.parametrize(
    ("before", "live_tokens", "after"),
    [
        (DRAFT, 0, DRAFT),
        (ANNOUNCED, 0, ANNOUNCED),
        (ARMED, 0, ANNOUNCED),
        (OPEN, 0, Flags(state=PeriodState.OPEN, paused=True, suspended=True, paused_at=DURING)),
        (PAUSED, 3, Flags(state=PeriodState.OPEN, paused=True, suspended=True, paused_at=DURING)),
        (SUSPENDED, 3, SUSPENDED),
        (CLOSED, 0, CLOSED),
        (CLOSED, 3, Flags(state=PeriodState.CLOSED, suspended=True, paused_at=DURING, ended_at=5)),
        (REACHED, 0, REACHED),
    ],
)
def test_the_kill_switch_stops_whatever_runs(before: Flags, live_tokens: int, after: Flags) -> None:
    """What is open is suspended, what is armed no longer opens, what has ended takes no late submission; pressed again
    it changes nothing."""
    assert stopped(before, live_tokens, DURING) == after
    assert stopped(after, live_tokens, DURING + 1) == after


def test_a_date_alone() -> None:
    """It is the programme's hour of that day, in Montréal, in summer and in winter; with a time it is that time."""
    window = load(ROOT / "config" / "programmes" / "prtq-2016.toml").window
    for text in ("2016-06-13", "20160613", "2016-06-13T08:30", "2016-06-13T12:30:00Z"):
        assert read_opening(text, window) == parse_rfc3339("2016-06-13T12:30:00Z")
    assert read_opening("2016-12-13", window) == parse_rfc3339("2016-12-13T13:30:00Z")
    assert read_closing("2016-06-20", window) == parse_rfc3339("2016-06-21T03:59:00Z")
    assert read_closing("2016-06-20T12:00", window) == parse_rfc3339("2016-06-20T16:00:00Z")
