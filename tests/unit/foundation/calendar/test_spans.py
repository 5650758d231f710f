"""Deadlines: counted from their start, moved once at the end, and explained."""

import calendar
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.calendar.closures import PUBLIC_SERVICE, CalendarKind, Closures, ProclaimedDay
from foundation.calendar.spans import (
    LAST_YEAR,
    MOST,
    UNITS,
    PassedDay,
    SpanUnit,
    business_days,
    business_days_between,
    calendar_days,
    calendar_months,
    deadline,
)

days = st.dates(date(1990, 1, 1), date(2200, 12, 31))
amounts = st.integers(0, 400)
units = st.sampled_from(SpanUnit)
proclaimed = st.lists(st.builds(ProclaimedDay, days, st.just("un jour de deuil")), max_size=3)
closings = st.builds(
    lambda kind, more: Closures(kind=kind, proclaimed=tuple(more)), st.sampled_from(CalendarKind), proclaimed
)


@pytest.mark.parametrize(
    ("start", "amount", "last", "rolled_from"),
    [
        (date(2016, 6, 13), 30, date(2016, 7, 13), None),
        (date(2016, 6, 16), 30, date(2016, 7, 18), date(2016, 7, 16)),  # a Saturday
        (
            date(2026, 11, 24),
            30,
            date(2026, 12, 29),
            date(2026, 12, 24),
        ),  # Christmas, its weekend, and the day for 26
        (date(2026, 3, 4), 30, date(2026, 4, 7), date(2026, 4, 3)),  # Good Friday to Easter Monday
        (date(2026, 11, 30), 0, date(2026, 11, 30), None),
    ],
)
def test_calendar_days(start: date, amount: int, last: date, rolled_from: date | None) -> None:
    """The start is not counted, the last day is; on a closed day it goes to the next business day."""
    found = calendar_days(start, amount)
    assert (found.last_day, found.rolled_from) == (last, rolled_from)


@pytest.mark.parametrize(
    ("start", "amount", "last"),
    [
        (date(2026, 11, 30), 1, date(2026, 12, 1)),
        (date(2026, 11, 27), 1, date(2026, 11, 30)),  # over a weekend
        (date(2026, 12, 23), 2, date(2026, 12, 30)),
        (date(2026, 11, 28), 1, date(2026, 11, 30)),  # from a Saturday
        (date(2026, 11, 28), 0, date(2026, 11, 30)),
    ],
)
def test_business_days(start: date, amount: int, last: date) -> None:
    """Only days on which offices are open are counted."""
    assert business_days(start, amount).last_day == last


@pytest.mark.parametrize(
    ("start", "amount", "counted", "last", "clamped"),
    [
        (date(2026, 8, 31), 6, date(2027, 2, 28), date(2027, 3, 1), True),
        (date(2027, 8, 31), 6, date(2028, 2, 29), date(2028, 2, 29), True),
        (date(2026, 1, 15), 6, date(2026, 7, 15), date(2026, 7, 15), False),
        (date(2026, 12, 1), 1, date(2027, 1, 1), date(2027, 1, 5), False),
    ],
)
def test_calendar_months(start: date, amount: int, counted: date, last: date, clamped: bool) -> None:
    """The same date, or the end of a month that has none; then moved once."""
    found = calendar_months(start, amount)
    assert (found.counted_to, found.last_day, found.is_month_end) == (counted, last, clamped)


def test_a_deadline_says_what_it_passed_and_what_it_moved_over() -> None:
    """Each day, and why."""
    found = calendar_days(date(2026, 11, 24), 30)
    assert found.passed == ()
    assert found.moved_over == (
        PassedDay(date(2026, 12, 24), "la veille de Noël"),
        PassedDay(date(2026, 12, 25), "Noël"),
        PassedDay(date(2026, 12, 26), "un samedi"),
        PassedDay(date(2026, 12, 27), "un dimanche"),
        PassedDay(date(2026, 12, 28), "le lendemain de Noël, jour reporté"),
    )
    counted = business_days(date(2026, 12, 23), 1)
    assert (counted.passed, counted.moved_over) == (found.moved_over, ())


@given(days, amounts, units, closings)
def test_a_deadline_ends_on_the_next_business_day_and_no_later(
    start: date, amount: int, unit: SpanUnit, closures: Closures
) -> None:
    """It ends on a business day, not before its count ends, and every day between those two is closed: it was moved
    once, and by no day more than needed."""
    found = deadline(start, amount, unit, closures)
    assert closures.is_open(found.last_day)
    between = (found.last_day - found.counted_to).days
    assert between >= 0
    assert not any(closures.is_open(found.counted_to + timedelta(days=one)) for one in range(between))
    assert len(found.moved_over) == between


@given(days, amounts, units, closings)
def test_no_day_is_gained_twice(start: date, amount: int, unit: SpanUnit, closures: Closures) -> None:
    """A span that is one longer is counted from the start again: its count ends where the start says, wherever the
    shorter one was moved to."""
    longer = deadline(start, amount + 1, unit, closures)
    match unit:
        case SpanUnit.CALENDAR_DAYS:
            assert longer.counted_to == start + timedelta(days=amount + 1)
        case SpanUnit.CALENDAR_MONTHS:
            months = start.year * 12 + start.month - 1 + amount + 1
            assert (longer.counted_to.year, longer.counted_to.month) == (months // 12, months % 12 + 1)
            last = calendar.monthrange(longer.counted_to.year, longer.counted_to.month)[1]
            assert longer.counted_to.day == min(start.day, last)
        case SpanUnit.BUSINESS_DAYS:
            assert business_days_between(start, longer.counted_to, closures) == amount + 1
    assert longer.last_day >= deadline(start, amount, unit, closures).last_day


def test_adding_to_a_moved_day_gains_days() -> None:
    """Twin: counted in two parts from the moved day, thirty days become thirty-four."""
    start = date(2026, 11, 10)
    in_parts = calendar_days(calendar_days(start, 4).last_day, 26)
    in_parts_again = calendar_days(calendar_days(calendar_days(start, 4).last_day, 18).last_day, 8)
    assert calendar_days(start, 30).last_day == date(2026, 12, 10)
    assert in_parts.last_day == date(2026, 12, 14)
    assert in_parts_again.last_day > date(2026, 12, 10)


@given(days, amounts, units, closings, days)
def test_a_day_that_is_proclaimed_harms_nobody(
    start: date, amount: int, unit: SpanUnit, closures: Closures, day: date
) -> None:
    """With one more closed day every deadline is where it was, or later."""
    more = closures.having(ProclaimedDay(day, "un jour de deuil"))
    assert deadline(start, amount, unit, more).last_day >= deadline(start, amount, unit, closures).last_day


@pytest.mark.parametrize("unit", SpanUnit)
def test_amounts_out_of_bounds_are_refused(unit: SpanUnit) -> None:
    """Below zero, and longer than any rule; the longest is counted."""
    for wrong in (-1, MOST[unit] + 1, 10**30):
        with pytest.raises(ValueError, match="a span has 0 to"):
            deadline(date(2026, 1, 1), wrong, unit)
    with pytest.raises(ValueError, match="begins in"):
        deadline(date(LAST_YEAR + 1, 1, 1), 1, unit)
    assert deadline(date(LAST_YEAR, 12, 31), MOST[unit], unit).last_day.year >= LAST_YEAR


def test_business_days_between_two_days() -> None:
    """The first is not counted, the last is; backwards there are none."""
    assert business_days_between(date(2026, 11, 27), date(2026, 11, 30)) == 1
    assert business_days_between(date(2026, 12, 23), date(2026, 12, 30)) == 2
    assert business_days_between(date(2026, 12, 30), date(2026, 12, 23)) == 0
    assert set(UNITS) == set(MOST) == set(SpanUnit)
    assert PUBLIC_SERVICE.proclaimed == ()
