"""Days in Montréal: which one an instant is on, where a day ends, when its clocks change."""

from datetime import date, time, timedelta

import pytest

from foundation.calendar.days import changes_clock, day_of, easter, end_of_day, instant_on, monday_from
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


def test_a_time_of_a_day_is_montreals() -> None:
    """Nine in the morning is another instant in summer and in winter."""
    assert rfc3339(instant_on(date(2026, 7, 2), time(9))) == "2026-07-02T13:00:00.000Z"
    assert rfc3339(instant_on(date(2026, 12, 2), time(9))) == "2026-12-02T14:00:00.000Z"


@pytest.mark.parametrize(
    ("day", "at", "how_often"),
    [(date(2026, 3, 8), time(2, 30), "never"), (date(2026, 11, 1), time(1, 30), "twice")],
)
def test_a_time_that_is_none_or_two_is_refused(day: date, at: time, how_often: str) -> None:
    """A clock in Montréal shows it never or twice on this day (WR-14): nobody guesses which was meant."""
    with pytest.raises(ValueError, match=how_often):
        instant_on(day, at)


def test_the_first_monday_from_a_day() -> None:
    """The day itself where it is one."""
    assert [monday_from(date(2026, 11, day)).day for day in (23, 24, 29, 30)] == [23, 30, 30, 30]


@pytest.mark.parametrize("year", [1970, 1987, 2007, 2016, 2149])
def test_a_day_ends_where_an_hour_does(year: int) -> None:
    """Each last millisecond and the one after it, over a year: no day begins within a remembered hour."""
    for place in range(365):
        day = date(year, 1, 1) + timedelta(days=place)
        end = end_of_day(day) + 999
        assert (day_of(end), day_of(end + 1)) == (day, day + timedelta(days=1))


def test_a_day_of_before_there_were_whole_hours() -> None:
    """Montréal was 4 h 54 min 16 s behind Greenwich until 1883."""
    assert day_of(parse_rfc3339("1880-01-02T04:54:10Z")) == date(1880, 1, 1)
