"""Days in Montréal: which one an instant is on, what follows a weekend, and where a day ends."""

from datetime import date

import pytest

from foundation.calendar import after_weekend, day_of, end_of_day
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
        (date(2016, 12, 31), date(2017, 1, 2)),  # into the next year; holidays are not known yet
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
