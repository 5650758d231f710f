"""The last moment to pay."""

import pytest

from foundation.clock import parse_rfc3339, rfc3339
from submission.pay_by import pay_by


@pytest.mark.parametrize(
    ("submitted_at", "last"),
    [
        ("2016-06-13T12:30:00Z", "2016-07-14T03:59:59.000Z"),  # a Monday, 30 days on a Wednesday
        ("2016-06-14T03:59:59Z", "2016-07-14T03:59:59.000Z"),  # still 13 June in Montréal
        ("2016-06-14T04:00:00Z", "2016-07-15T03:59:59.000Z"),
        ("2016-06-16T16:00:00Z", "2016-07-19T03:59:59.000Z"),  # a Saturday: Monday
        ("2016-06-17T16:00:00Z", "2016-07-19T03:59:59.000Z"),  # a Sunday: Monday
        ("2016-02-15T17:00:00Z", "2016-03-17T03:59:59.000Z"),  # over the change to summer time
    ],
)
def test_there_are_thirty_days_to_pay_and_the_last_is_whole(submitted_at: str, last: str) -> None:
    """The day of submission is not counted, the last one is, and a weekend moves it to Monday (PY-01)."""
    assert rfc3339(pay_by(parse_rfc3339(submitted_at), 30)) == last
