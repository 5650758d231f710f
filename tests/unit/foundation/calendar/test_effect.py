"""Dates of effect: both ends count, and an open end is always."""

from datetime import date

from foundation.calendar.effect import DatesOfEffect

FIRST, LAST = date(2016, 1, 5), date(2016, 1, 25)


def test_both_days_count() -> None:
    """The first and the last, and none outside."""
    some = DatesOfEffect(since=FIRST, until=LAST)
    days = [date(2016, 1, 4), FIRST, LAST, date(2016, 1, 26)]
    assert [some.is_in_force(day) for day in days] == [False, True, True, False]
    assert all(DatesOfEffect().is_in_force(day) for day in days)


def test_two_meet_on_one_day() -> None:
    """On the last of one and the first of the other; not where one begins the day after."""
    until = DatesOfEffect(until=LAST)
    assert until.meets(DatesOfEffect(since=LAST)) and not until.meets(DatesOfEffect(since=date(2016, 1, 26)))
