"""The thirteen days of the public service: by rule, as they were published, and by the table of years."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.calendar.days import SATURDAY
from foundation.calendar.holidays import Holiday, closed_days, holiday_on, holidays, read_row


def between(first: date, last: date) -> list[date]:
    """The closed days from one day to another."""
    years = range(first.year, last.year + 1)
    return [day for year in years for day in closed_days(year) if first <= day <= last]


def days(year: int, *month_days: tuple[int, int]) -> list[date]:
    return [date(year, month, day) for month, day in month_days]


def test_the_holiday_season_of_2011_as_published() -> None:
    """SFPQ, « Jours fériés du temps des Fêtes 2011 »."""
    published = days(2011, (12, 23), (12, 26), (12, 27), (12, 30)) + days(2012, (1, 2), (1, 3))
    assert between(date(2011, 12, 1), date(2012, 1, 31)) == published


def test_the_days_of_2022_as_published() -> None:
    """Directeur de l'état civil, closing days of 2022: every one, and no other."""
    published = days(
        2022, (1, 3), (1, 4), (4, 15), (4, 18), (5, 23), (6, 24), (7, 1), (9, 5), (10, 10), (12, 23), (12, 26),
        (12, 27), (12, 30),
    )  # fmt: skip
    assert list(closed_days(2022)) == published


def test_the_holiday_season_of_2023_as_published() -> None:
    """An office's calendar of 2023-24: both eves are on a Sunday."""
    published = days(2023, (12, 22), (12, 25), (12, 26), (12, 29)) + days(2024, (1, 1), (1, 2))
    assert between(date(2023, 12, 1), date(2024, 1, 31)) == published


@pytest.mark.parametrize(
    ("year", "national", "canada"),
    [
        (2017, 23, 30),
        (2018, 25, 2),
        (2023, 23, 30),
        (2028, 23, 30),
        (2029, 25, 2),
        (2034, 23, 30),
        (2035, 25, 2),
    ],
)
def test_a_summer_holiday_on_a_weekend_is_to_be_confirmed(year: int, national: int, canada: int) -> None:
    """24 June and 1 July: no published list says it, so each says that it is to be confirmed, with the table and
    without."""
    summer = [one for one in closed_days(year).values() if one.holiday in (Holiday.NATIONAL, Holiday.CANADA)]
    assert [one.day.day for one in summer] == [national, canada]
    assert all(one.to_confirm for one in summer)
    assert [one.source is not None for one in summer] == [year < 2030] * 2
    assert not any(one.to_confirm for one in closed_days(2022).values())


def test_the_days_of_2026_before_anything_moves() -> None:
    """Each by its rule: two are on a weekend or before one."""
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
        (
            date(2015, 5, 18),
            "la Journée nationale des patriotes",
        ),  # the 25th is a Monday itself: the one before it
        (date(2018, 4, 2), "le lundi de Pâques"),
        (date(2016, 3, 25), "le Vendredi saint"),
        (date(2018, 4, 1), None),  # Easter is a Sunday as any other
        (date(2016, 6, 13), None),
        (date(2026, 12, 26), "le lendemain de Noël"),  # a Saturday: the holiday is there, and given on Monday
        (date(2026, 12, 28), "le lendemain de Noël, jour reporté"),
        (date(2027, 1, 4), "le lendemain du jour de l’An, jour reporté"),
    ],
)
def test_what_is_said_of_a_day(day: date, name: str | None) -> None:
    """Its holiday, also on a weekend and on the day that is given for it; any other day is none."""
    assert holiday_on(day) == name


@given(st.integers(1583, 4000))
def test_every_year_has_thirteen_weekdays(year: int) -> None:
    """Each holiday is given once, on a weekday of its own, at most four days from its own day."""
    found = closed_days(year)
    assert sorted(one.holiday for one in found.values()) == sorted(Holiday)
    assert list(found) == sorted(found)
    own = {holiday: day for day, holiday in holidays(year).items()}
    for day, one in found.items():
        assert day.weekday() < SATURDAY
        assert day.year == year
        assert abs(day - own[one.holiday]) <= timedelta(days=4)
        assert (one.instead_of is None) == (day == own[one.holiday])


ROW = {"holiday": "national", "closed": date(2017, 6, 23), "to_confirm": True, "source": "Une liste."}


@pytest.mark.parametrize("wrong", [{"closed": date(2017, 6, 24)}, {"source": ""}])
def test_a_row_that_cannot_be_is_refused(wrong: Mapping[str, Any]) -> None:
    """A closed day is a weekday, and says where it is from; the row is in the message."""
    assert read_row(ROW)[1].instead_of == date(2017, 6, 24)
    with pytest.raises(ValueError, match="national"):
        read_row({**ROW, **wrong})
