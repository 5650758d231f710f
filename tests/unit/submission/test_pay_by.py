"""The last moment to pay."""

from datetime import date

import pytest

from foundation.calendar.closures import PUBLIC_SERVICE, ProclaimedDay
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
