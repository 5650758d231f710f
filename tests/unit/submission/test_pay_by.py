"""The last moment to pay."""

from datetime import date, time, timedelta

import pytest

from foundation.calendar.closures import PUBLIC_SERVICE, ProclaimedDay
from foundation.calendar.days import end_of_day, instant_on
from foundation.clock import parse_rfc3339, rfc3339
from submission.pay_by import pay_by, payment_deadline


@pytest.mark.parametrize(
    ("submitted_at", "last"),
    [
        ("2016-06-13T12:30:00Z", "2016-07-14T03:59:59.000Z"),  # a Monday, 30 days on a Wednesday
        ("2016-06-14T03:59:59Z", "2016-07-14T03:59:59.000Z"),  # still 13 June in Montréal
        ("2016-06-14T04:00:00Z", "2016-07-15T03:59:59.000Z"),
        ("2016-06-16T16:00:00Z", "2016-07-19T03:59:59.000Z"),  # a Saturday: Monday
        ("2016-06-17T16:00:00Z", "2016-07-19T03:59:59.000Z"),  # a Sunday: Monday
        ("2016-02-15T17:00:00Z", "2016-03-17T03:59:59.000Z"),  # over the change to summer time
        (
            "2026-11-24T16:00:00Z",
            "2026-12-30T04:59:59.000Z",
        ),  # 24 December: the 29th is the first business day
    ],
)
def test_there_are_thirty_days_to_pay_and_the_last_is_whole(submitted_at: str, last: str) -> None:
    """The day of submission is not counted, the last one is, and a closed day moves it to the next business day."""
    assert rfc3339(pay_by(parse_rfc3339(submitted_at), 30)) == last


def test_a_proclaimed_day_moves_the_last_day_on() -> None:
    """And the deadline says from where."""
    submitted_at = parse_rfc3339("2016-06-13T12:30:00Z")
    closures = PUBLIC_SERVICE.having(ProclaimedDay(date(2016, 7, 13), "un jour de deuil national"))
    assert rfc3339(pay_by(submitted_at, 30, closures)) == "2016-07-15T03:59:59.000Z"
    assert payment_deadline(submitted_at, 30, closures).rolled_from == date(2016, 7, 13)


CLOSED = {
    date(year, month, day)
    for year, days in {
        2026: ((1, 1), (1, 2), (4, 3), (4, 6), (5, 18), (6, 24), (7, 1), (9, 7), (10, 12), (12, 24), (12, 25),
               (12, 28), (12, 31)),
        2027: ((1, 1), (1, 4), (3, 26), (3, 29), (5, 24), (6, 24), (7, 1), (9, 6), (10, 11), (12, 24), (12, 27),
               (12, 28), (12, 31)),
        2028: ((1, 3), (1, 4)),
    }.items()
    for month, day in days
}  # fmt: skip
"""Written by hand from the rule, for a recount that shares no code with the calendar."""


def test_every_day_of_two_years_recounted_by_hand() -> None:
    """Over both changes of the clock and every holiday: thirty days on, then day by day until offices are open."""
    for n in range(730):
        submitted_on = date(2026, 1, 1) + timedelta(days=n)
        last = submitted_on + timedelta(days=30)
        while last.weekday() > 4 or last in CLOSED:
            last += timedelta(days=1)
        for at in (time(0), time(23, 59, 59)):
            assert pay_by(instant_on(submitted_on, at), 30) == end_of_day(last)
