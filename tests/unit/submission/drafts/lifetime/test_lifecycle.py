"""What becomes of a draft with time: a table of instants."""

from datetime import datetime

import pytest

from foundation.clock import MONTREAL
from submission.drafts.lifetime.lifecycle import (
    DraftNotice,
    DraftSpan,
    days_between,
    due,
    look_again_at,
    marks,
    morning,
)
from submission.drafts.retention import PeriodSpan, kept_for, kept_over


def at(*moment: int) -> int:
    return round(datetime(*moment, tzinfo=MONTREAL).timestamp() * 1000)  # type: ignore[arg-type,misc]


BEGUN = at(2016, 1, 5, 10)

LAST = kept_for(BEGUN, 90)
"""4 April 2016, 23:59:59."""

SPAN = DraftSpan(BEGUN, LAST, 30)

FEBRUARY = PeriodSpan(at(2016, 2, 1, 8, 30), at(2016, 2, 15, 23, 59))


def test_reminders_come_two_weeks_three_days_and_one_day_before() -> None:
    """At nine in Montréal, over the change of the hour; a period's close has one of its own the day before."""
    assert [(mark.notice, mark.due_at) for mark in marks(SPAN, [FEBRUARY])] == [
        (DraftNotice.PERIOD_CLOSES, at(2016, 2, 14, 9)),
        (DraftNotice.ENDS_SOON, at(2016, 3, 21, 9)),
        (DraftNotice.ENDS_SOON, at(2016, 4, 1, 9)),
        (DraftNotice.ENDS_SOON, at(2016, 4, 3, 9)),
        (DraftNotice.EXPIRED, at(2016, 4, 5, 9)),
    ]


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (BEGUN, []),
        (at(2016, 2, 14, 9), [DraftNotice.PERIOD_CLOSES]),
        (at(2016, 2, 16, 9), []),  # the worker was away: a close that is over is no news
        (at(2016, 3, 21, 9), [DraftNotice.ENDS_SOON]),
        (at(2016, 4, 3, 12), [DraftNotice.ENDS_SOON]),  # the last of its kind alone
        (at(2016, 4, 5, 9), [DraftNotice.EXPIRED]),
        (at(2016, 4, 20, 9), [DraftNotice.EXPIRED]),
    ],
    ids=["begun", "period", "late", "two weeks", "one day", "over", "long over"],
)
def test_what_is_due_is_still_true(now: int, told: list[DraftNotice]) -> None:
    """Whatever was missed: nobody is told of days that have passed."""
    assert [mark.notice for mark in due(SPAN, [FEBRUARY], now)] == told


def test_a_draft_is_looked_at_again_until_it_is_destroyed() -> None:
    """From mark to mark; behind the last one it is destroyed."""
    now, seen = BEGUN, []
    while now <= SPAN.destroyed_after:
        now = look_again_at(SPAN, [FEBRUARY], now)
        seen.append(now)
    assert len(seen) == 6 and seen[-1] == SPAN.destroyed_after + 1
    assert days_between(LAST, SPAN.destroyed_after) == 30
    assert morning(LAST, 0) == at(2016, 4, 4, 9)


@pytest.mark.parametrize(
    ("further", "periods", "last"),
    [
        (2, [], LAST),
        (0, [PeriodSpan(at(2016, 6, 13, 8, 30), at(2016, 6, 17))], LAST),
        (2, [PeriodSpan(at(2016, 6, 13, 8, 30), at(2016, 6, 17))], at(2016, 6, 17)),
        (1, [FEBRUARY, PeriodSpan(at(2016, 6, 13, 8, 30), at(2016, 6, 17))], LAST),
        (2, [FEBRUARY, PeriodSpan(at(2016, 6, 13), at(2016, 6, 17)), PeriodSpan(at(2017, 1, 9), at(2017, 1, 12))],
         at(2016, 6, 17)),
        (2, [PeriodSpan(at(2015, 6, 13), at(2015, 6, 17)), PeriodSpan(at(2016, 6, 13), at(2016, 6, 17))],
         at(2016, 6, 17)),
    ],
    ids=["none", "no further", "june", "one further", "two further", "one is over"],
)  # fmt: skip
def test_a_draft_is_kept_over_the_periods_to_come(further: int, periods: list[PeriodSpan], last: int) -> None:
    """Ninety days from January end before June: the later of both (DR-01)."""
    assert kept_over(BEGUN, 90, periods, further) == last
