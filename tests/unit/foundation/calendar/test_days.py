"""Days in Montréal: which one an instant is on, what follows a weekend, where a day ends, which are holidays."""

from datetime import date

import pytest

from foundation.calendar.days import (
    Holiday,
    after_weekend,
    changes_clock,
    day_of,
    easter,
    end_of_day,
    holiday_on,
    holidays,
)
from foundation.clock import parse_rfc3339, rfc3339


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2016-06-14T03:59:59Z", date(2016, 6, 13)),  # summer time: four hours behind
        ("2016-06-14T04:00:00Z", date(2016, 6, 14)),
        ("2016-01-15T04:59:59Z", date(2016, 1, 14)),  # winter time: five
        ("2016-01-15T05:00:00Z", date(2016, 1, 15)),
    ],
)
def test_a_day_is_montreals(instant: str, day: date) -> None:
    """Midnight is Montréal's, in summer and in winter."""
    assert day_of(parse_rfc3339(instant)) == day


@pytest.mark.parametrize(
    ("day", "moved"),
    [
        (date(2016, 7, 15), date(2016, 7, 15)),  # a Friday
        (date(2016, 7, 16), date(2016, 7, 18)),
        (date(2016, 7, 17), date(2016, 7, 18)),
        (date(2016, 7, 18), date(2016, 7, 18)),
        (date(2016, 12, 31), date(2017, 1, 2)),  # into the next year; of deadlines holidays are not known yet
    ],
)
def test_a_weekend_moves_to_monday(day: date, moved: date) -> None:
    """Saturday and Sunday move forward, every other day stays."""
    assert after_weekend(day) == moved


@pytest.mark.parametrize(
    ("day", "end"),
    [
        (date(2016, 6, 13), "2016-06-14T03:59:59.000Z"),
        (date(2016, 1, 14), "2016-01-15T04:59:59.000Z"),
        (date(2016, 3, 13), "2016-03-14T03:59:59.000Z"),  # 23 hours long
        (date(2016, 11, 6), "2016-11-07T04:59:59.000Z"),  # 25
    ],
)
def test_a_day_ends_with_its_last_second(day: date, end: str) -> None:
    """Also the days on which the hour changes."""
    assert rfc3339(end_of_day(day)) == end


def test_the_thirteen_days_of_2026() -> None:
    """Each by its rule, as the public service of Québec had them."""
    assert holidays(2026) == {
        date(2026, 1, 1): Holiday.NEW_YEAR,
        date(2026, 1, 2): Holiday.AFTER_NEW_YEAR,
        date(2026, 4, 3): Holiday.GOOD_FRIDAY,
        date(2026, 4, 6): Holiday.EASTER_MONDAY,
        date(2026, 5, 18): Holiday.PATRIOTS,
        date(2026, 6, 24): Holiday.NATIONAL,
        date(2026, 7, 1): Holiday.CANADA,
        date(2026, 9, 7): Holiday.LABOUR,
        date(2026, 10, 12): Holiday.THANKSGIVING,
        date(2026, 12, 24): Holiday.CHRISTMAS_EVE,
        date(2026, 12, 25): Holiday.CHRISTMAS,
        date(2026, 12, 26): Holiday.AFTER_CHRISTMAS,
        date(2026, 12, 31): Holiday.NEW_YEARS_EVE,
    }


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2015, 5, 18), Holiday.PATRIOTS),  # the 25th is a Monday itself: the one before it
        (date(2018, 4, 2), Holiday.EASTER_MONDAY),
        (date(2016, 3, 25), Holiday.GOOD_FRIDAY),
        (date(2018, 4, 1), None),  # Easter is a Sunday as any other
        (date(2016, 6, 13), None),
    ],
)
def test_what_moves_with_the_year(day: date, name: Holiday | None) -> None:
    """Easter and Mondays; any other day is none."""
    assert holiday_on(day) == name


@pytest.mark.parametrize(
    ("year", "day"),
    [(1818, date(1818, 3, 22)), (2008, date(2008, 3, 23)), (2018, date(2018, 4, 1)), (2027, date(2027, 3, 28)),
     (2038, date(2038, 4, 25)), (2049, date(2049, 4, 18)), (2076, date(2076, 4, 19))],
)  # fmt: skip
def test_easter(year: int, day: date) -> None:
    """The earliest, the latest, and years in which simpler methods are a week off."""
    assert easter(year) == day


def test_a_day_on_which_the_clocks_change() -> None:
    """It has 23 or 25 hours; the days beside it have 24."""
    assert [changes_clock(date(2026, 11, day)) for day in (1, 2)] == [True, False]
    assert [changes_clock(date(2026, 3, day)) for day in (7, 8, 9)] == [False, True, False]
