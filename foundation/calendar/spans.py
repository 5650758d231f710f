"""Deadlines: a last day counted from a start day, in calendar days, business days or calendar months (SS-01). Pure.

The start day is not counted, the last day is, until it ends at 24:00 in Montréal. What is counted is counted first;
then a last day on which offices are closed goes to the next business day, once. Nothing is ever added to a day that was
moved like this: a longer span is counted from its start again, so no deadline gains a weekend twice (art. 52 I-16,
art. 83 C.p.c.). Days are plain dates; `days.end_of_day` makes an instant of one.
"""

import calendar
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from foundation.calendar.closures import PUBLIC_SERVICE, Closures


class SpanUnit(StrEnum):
    """What a deadline is counted in."""

    CALENDAR_DAYS = "calendar_days"
    """From Monday to Sunday."""
    BUSINESS_DAYS = "business_days"
    """Days on which offices are open."""
    CALENDAR_MONTHS = "calendar_months"
    """To the same date of a later month, or its last day where it has no such date."""


UNITS: Final = {
    SpanUnit.CALENDAR_DAYS: "jours civils",
    SpanUnit.BUSINESS_DAYS: "jours ouvrables",
    SpanUnit.CALENDAR_MONTHS: "mois civils",
}
"""Unit -> what people read."""

MOST: Final = {SpanUnit.CALENDAR_DAYS: 36_525, SpanUnit.BUSINESS_DAYS: 2_600, SpanUnit.CALENDAR_MONTHS: 1_200}
"""Longer spans are refused: a hundred years, or ten of business days. No rule of ours comes near."""

LAST_YEAR: Final = 2999
"""No deadline begins after it."""


class PassedDay(msgspec.Struct, frozen=True):
    """A day that was passed over because offices are closed, and why, in French."""

    day: date
    why: str


class Deadline(msgspec.Struct, frozen=True, kw_only=True):
    """A last day, and how it was found. `counted_to` is where the count ended, before anything was moved; `passed` the
    holidays that business days left out; `moved_over` the closed days between the end of the count and the last day."""

    start: date
    amount: int
    unit: SpanUnit
    closures: Closures
    counted_to: date
    last_day: date
    passed: tuple[PassedDay, ...] = ()
    moved_over: tuple[PassedDay, ...] = ()

    @property
    def rolled_from(self) -> date | None:
        """The day on which it would end if offices were open on it; None where they are."""
        return None if self.last_day == self.counted_to else self.counted_to

    @property
    def is_month_end(self) -> bool:
        """Whether the last month has no date of this number, so that the count ended with the month."""
        return self.unit is SpanUnit.CALENDAR_MONTHS and self.counted_to.day != self.start.day


def deadline(start: date, amount: int, unit: SpanUnit, closures: Closures = PUBLIC_SERVICE) -> Deadline:
    """So many units from a start day. ValueError for an amount below zero or above `MOST`, or a start out of bounds."""
    if not 0 <= amount <= MOST[unit]:
        raise ValueError(f"a span has 0 to {MOST[unit]} {unit}, not {amount}")
    if start.year > LAST_YEAR:
        raise ValueError(f"a span begins in {LAST_YEAR} or before, not in {start.year}")
    counted_to, passed = _counted(start, amount, unit, closures)
    last_day, moved_over = _rolled(counted_to, closures)
    return Deadline(
        start=start, amount=amount, unit=unit, closures=closures, counted_to=counted_to, last_day=last_day,
        passed=passed, moved_over=moved_over,
    )  # fmt: skip


def calendar_days(start: date, amount: int, closures: Closures = PUBLIC_SERVICE) -> Deadline:
    """So many days from a start day; rolled once. Refuses as `deadline` does."""
    return deadline(start, amount, SpanUnit.CALENDAR_DAYS, closures)


def business_days(start: date, amount: int, closures: Closures = PUBLIC_SERVICE) -> Deadline:
    """So many business days after a start day, whatever day that is. Refuses as `deadline` does."""
    return deadline(start, amount, SpanUnit.BUSINESS_DAYS, closures)


def calendar_months(start: date, amount: int, closures: Closures = PUBLIC_SERVICE) -> Deadline:
    """The same date so many months later, or the last of that month; rolled once. Refuses as `deadline` does."""
    return deadline(start, amount, SpanUnit.CALENDAR_MONTHS, closures)


def business_days_between(start: date, end: date, closures: Closures = PUBLIC_SERVICE) -> int:
    """How many business days come after `start` up to `end`, which counts; 0 where `end` is not after `start`."""
    return sum(closures.is_open(start + timedelta(days=one)) for one in range(1, (end - start).days + 1))


def _counted(
    start: date, amount: int, unit: SpanUnit, closures: Closures
) -> tuple[date, tuple[PassedDay, ...]]:
    """Where the count ends, and the holidays that it left out."""
    match unit:
        case SpanUnit.CALENDAR_DAYS:
            return start + timedelta(days=amount), ()
        case SpanUnit.CALENDAR_MONTHS:
            return _months_later(start, amount), ()
        case SpanUnit.BUSINESS_DAYS:
            day, passed = start, []
            while amount:
                day += timedelta(days=1)
                why = closures.why_closed(day)
                if why is None:
                    amount -= 1
                else:
                    passed.append(PassedDay(day, why))
            return day, tuple(passed)


def _months_later(start: date, amount: int) -> date:
    years, month = divmod(start.month - 1 + amount, 12)
    year, month = start.year + years, month + 1
    return date(year, month, min(start.day, calendar.monthrange(year, month)[1]))


def _rolled(day: date, closures: Closures) -> tuple[date, tuple[PassedDay, ...]]:
    """The next business day, and the closed days before it."""
    moved_over = []
    while (why := closures.why_closed(day)) is not None:
        moved_over.append(PassedDay(day, why))
        day += timedelta(days=1)
    return day, tuple(moved_over)
