"""The day page at one instant: what is chosen, allowed, heard and shown."""

from typing import Any

import msgspec
import pytest

from console import day
from console.day import (
    SILENT_MS,
    TABLE_ROWS,
    Surrounding,
    as_it_stands,
    chosen,
    day_page,
    is_stoppable,
    remarks,
    span_of,
    spread,
)
from evidence.figures import DayFigures
from quota.periods import Flags
from quota.states import Action, PeriodState, Stand
from quota.store import Period

MINUTE_MS = 60_000

NOON = 1_781_366_400_000
"""12:00 in Montréal, on a day in June."""


def period(**values: Any) -> Period:
    row: dict[str, Any] = {
        "uid": "u", "id": "essai", "programme": "demo", "ordinal": 1, "opens_at": NOON - 300 * MINUTE_MS,
        "closes_at": NOON + 300 * MINUTE_MS, "cap": 50, "held": 15, "accepted": 12, "calls_per_minute": 240,
        "most_live_tokens": 100, "token_seconds": 600, "accounts_created_before": None, "pay_days": 30, "notice": None,
        "clock": 0, "ticked_at": NOON, "next_call": 0, "epoch": 1, "mark": 0, "version": 0, "person_key": "k",
        **msgspec.structs.asdict(Flags(state=PeriodState.OPEN)),
    }  # fmt: skip
    return Period(**(row | values))


def test_a_named_period_is_shown_and_otherwise_the_neediest() -> None:
    """An open one goes before an armed one, that before a draft; a name that there is goes before all."""
    late = {"opens_at": NOON + MINUTE_MS}
    periods = [
        period(id="draft", state=PeriodState.DRAFT, **late),
        period(id="armed", state=PeriodState.ARMED, **late),
        period(id="open"),
        period(id="closed", state=PeriodState.CLOSED),
    ]
    found = chosen(periods, None, NOON)
    assert found is not None
    assert found.id == "open"
    named = chosen(periods, "closed", NOON)
    assert named is not None
    assert named.id == "closed"
    rest = chosen(periods[:2], "nonsense", NOON)
    assert rest is not None
    assert rest.id == "armed"
    assert chosen([], "open", NOON) is None


def test_every_state_has_its_need() -> None:
    """No state of a period is missing in the order of need."""
    assert set(day.NEED) == set(PeriodState)


@pytest.mark.parametrize(
    ("minutes", "shown", "since"),
    [("15", "15", 15), ("60", "60", 60), ("240", "240", 240), ("1e9", "15", 15), ("", "15", 15)],
)
def test_the_span_is_one_of_those_there_are(minutes: str, shown: str, since: int) -> None:
    """Whatever the address says: the minutes before now."""
    span = span_of(minutes, period(), NOON)
    assert (span.minutes, span.since, span.until) == (shown, NOON - since * MINUTE_MS, NOON)


def test_the_span_stays_inside_the_period() -> None:
    """It ends with a period that has ended, and begins at the opening, but is a minute long at least."""
    ended = span_of("15", period(state=PeriodState.CLOSED, ended_at=NOON - MINUTE_MS), NOON)
    assert ended.until == NOON - MINUTE_MS
    young = span_of("240", period(opens_at=NOON - 2 * MINUTE_MS), NOON)
    assert young.since == NOON - 2 * MINUTE_MS
    early = span_of("15", period(opens_at=NOON + MINUTE_MS, state=PeriodState.ARMED), NOON)
    assert early.until - early.since >= MINUTE_MS


@pytest.mark.parametrize(
    ("values", "heard"),
    [
        ({"ticked_at": NOON - 1_000}, (1, False)),
        ({"ticked_at": NOON - SILENT_MS - 1}, (5, True)),
        ({"ticked_at": 0}, (None, True)),
        ({"ticked_at": 0, "state": PeriodState.ARMED, "opens_at": NOON + 1}, (None, False)),
        ({"ticked_at": NOON - 60_000, "state": PeriodState.CLOSED}, (None, False)),
        ({"ticked_at": NOON + 1_000}, (0, False)),
    ],
)
def test_a_ticker_that_should_beat_is_listened_for(
    values: dict[str, Any], heard: tuple[int | None, bool]
) -> None:
    """Only where one is expected: an open period without any beat is silent, a closed one is not."""
    row = period(**values)
    assert day.heard(row, row.state, NOON) == heard


def test_the_row_and_the_line_know_better_than_the_last_figures() -> None:
    """Live tokens and accepted are the row's; who waits is the line's, and the last figures' where there is no look."""
    figures = [DayFigures(at=NOON, waiting=7, parked=6, live_tokens=5, accepted=4, lapsed=3, joined=2)]
    latest = as_it_stands(period(), figures, (70, 60), NOON)
    assert (latest.waiting, latest.parked, latest.live_tokens, latest.accepted) == (70, 60, 3, 12)
    assert (latest.lapsed, latest.joined) == (3, 2)
    assert as_it_stands(period(), figures, None, NOON).waiting == 7
    assert as_it_stands(period(), [], None, NOON).waiting == 0


def test_the_page_puts_the_parts_together() -> None:
    """Stand, allowed moves, three curves, a short table with the newest first, and the times of the axis."""
    row = period(paused=True, paused_at=NOON)
    figures = [DayFigures(at=NOON - 1_000 * n, waiting=n) for n in range(60, -1, -1)]
    page = day_page(row, span_of("15", row, NOON), figures, figures[-1], [], notice_hours=0, now=NOON)
    assert page.stand is Stand.PAUSED
    assert page.allowed == [Action.RESUME, Action.SUSPEND, Action.CLOSE, Action.ANNUL]
    assert set(page.charts) == {"waiting", "live_tokens", "accepted"}
    assert len(page.table) <= TABLE_ROWS
    assert page.table[0].at == NOON
    assert page.times[-1] == "12\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}00"


def test_a_table_is_thinned_evenly() -> None:
    """At most so many rows; the newest is always among them."""
    rows = [DayFigures(at=n) for n in range(100)]
    thin = spread(rows, 10)
    assert [row.at for row in thin] == list(range(99, 0, -10))
    assert spread(rows[:3], 10) == rows[:3][::-1]


@pytest.mark.parametrize(
    ("values", "stoppable"),
    [
        ({}, True),
        ({"paused": True}, True),
        ({"paused": True, "suspended": True}, False),
        ({"state": PeriodState.ARMED, "opens_at": NOON + 1}, True),
        ({"state": PeriodState.ANNOUNCED, "opens_at": NOON + 1}, False),
        ({"state": PeriodState.CLOSED}, True),
        ({"state": PeriodState.CLOSED, "held": 12}, False),
    ],
)
def test_the_kill_switch_is_shown_where_it_would_change_something(
    values: dict[str, Any], stoppable: bool
) -> None:
    """Something may be called, submitted, or about to open."""
    assert is_stoppable(period(**values), NOON) is stoppable


@pytest.mark.parametrize(
    ("stand", "values", "around", "words"),
    [
        (Stand.OPEN, {}, Surrounding(line_expected=True, line_age=0.4), []),
        (Stand.OPEN, {}, Surrounding(line_expected=True, line_age=62.0), ["Redis ne répond pas"]),
        (Stand.OPEN, {}, Surrounding(line_expected=True), ["Redis ne répond pas"]),
        (Stand.CLOSED, {}, Surrounding(), []),
        (Stand.ANNOUNCED, {"announced_by": "agnes"}, Surrounding(), ["Annoncée par agnes"]),
        (Stand.ANNOUNCED, {}, Surrounding(), []),
        (Stand.CLOSED, {}, Surrounding(annulment_asked_by="boris"), ["Annulation demandée par boris"]),
        (Stand.OPEN, {}, Surrounding(has_stop_mark=True), ["Un arrêt d’urgence est gardé dans Redis"]),
    ],
)
def test_what_is_out_of_the_ordinary_is_said(
    stand: Stand, values: dict[str, Any], around: Surrounding, words: list[str]
) -> None:
    """A silent store, a stop that is not recorded yet, and who has to come second."""
    found = remarks(period(**values), stand, around)
    assert len(found) == len(words)
    for sentence, begin in zip(found, words, strict=True):
        assert sentence.startswith(begin)
