"""What becomes of a draft with time, and when to look at it next (DR-01 to DR-03). Pure.

Reminders come two weeks, three days and one day before its last day, and the day before a period closes; on the first
morning after its last day its owner hears that it can be recovered; then it is destroyed.
"""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from foundation.calendar.days import day_of
from foundation.clock import MONTREAL
from submission.drafts.retention import PeriodSpan, destroyed_after

REMIND_DAYS: Final = (14, 3, 1)
"""Before its last day (DR-03)."""

PERIOD_DAYS: Final = 1
"""Before a period closes: who has a draft and has not submitted hears of it."""

MORNING: Final = time(9)
"""Montréal. A reminder at midnight reads as an alarm."""


class DraftNotice(StrEnum):
    """What its owner is told by mail. Each says that it is not submitted."""

    ENDS_SOON = "draft_ends_soon"
    """So many days are left."""
    PERIOD_CLOSES = "draft_period_closes"
    """A period closes tomorrow, and it is not submitted."""
    EXPIRED = "draft_expired"
    """Its days are over: it can be recovered, and is destroyed otherwise."""
    DESTROYED = "draft_destroyed"
    """What was filled in is gone."""
    EXTENDED = "draft_extended"
    """It is kept longer than was said: over a period that was announced since."""


class Mark(NamedTuple):
    """An instant from which on something is to be told; `at` of a period's close says which."""

    due_at: int
    notice: DraftNotice
    about: int


class DraftSpan(NamedTuple):
    """What a draft's time follows from."""

    begun_at: int
    kept_until: int
    recover_days: int

    @property
    def destroyed_after(self) -> int:
        return destroyed_after(self.kept_until, self.recover_days)


def marks(span: DraftSpan, periods: Iterable[PeriodSpan]) -> list[Mark]:
    """Everything that is ever told of this draft, in the order of its time."""
    found = [
        Mark(morning(span.kept_until, -days), DraftNotice.ENDS_SOON, span.kept_until) for days in REMIND_DAYS
    ]
    found.append(Mark(morning(span.kept_until, 1), DraftNotice.EXPIRED, span.kept_until))
    found += [
        Mark(morning(one.closes_at, -PERIOD_DAYS), DraftNotice.PERIOD_CLOSES, one.closes_at)
        for one in periods
        if span.begun_at < one.closes_at <= span.kept_until
    ]
    return sorted(mark for mark in found if mark.due_at > span.begun_at)


def due(span: DraftSpan, periods: Iterable[PeriodSpan], now: int) -> list[Mark]:
    """What is to be told now: of the marks that have come, the last of each kind that still says something true."""
    came = {mark.notice: mark for mark in marks(span, periods) if mark.due_at <= now}
    is_over = now > span.kept_until
    return [
        mark
        for mark in came.values()
        if (mark.notice is DraftNotice.EXPIRED) == is_over
        and (mark.notice is not DraftNotice.PERIOD_CLOSES or mark.about > now)
    ]


def look_again_at(span: DraftSpan, periods: Iterable[PeriodSpan], now: int) -> int:
    """The next instant at which something is to be told or done."""
    to_come = [mark.due_at for mark in marks(span, periods) if mark.due_at > now]
    return min([*to_come, span.destroyed_after + 1])


def days_between(now: int, then: int) -> int:
    """Days from today to the day of an instant, in Montréal."""
    return (day_of(then) - day_of(now)).days


def morning(instant: int, days: int) -> int:
    """Nine o'clock, in Montréal, so many days after the day of an instant."""
    moment = datetime.combine(day_of(instant) + timedelta(days=days), MORNING, MONTREAL)
    return round(moment.timestamp() * 1000)
