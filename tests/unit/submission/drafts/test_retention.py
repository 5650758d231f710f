"""How long a draft is kept."""

from datetime import datetime

import pytest

from foundation.clock import MONTREAL
from submission.drafts.retention import is_expired, kept_for, kept_until


def at(*moment: int) -> int:
    return round(datetime(*moment, tzinfo=MONTREAL).timestamp() * 1000)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("begun_at", "last"),
    [
        (at(2016, 1, 5, 8, 0), at(2016, 4, 4, 23, 59, 59)),  # over the change of the hour, in a leap year
        (at(2016, 1, 5, 23, 59), at(2016, 4, 4, 23, 59, 59)),
        (at(2016, 1, 6, 0, 0), at(2016, 4, 5, 23, 59, 59)),
    ],
    ids=["morning", "evening", "midnight"],
)
def test_a_draft_is_kept_to_the_end_of_its_last_day(begun_at: int, last: int) -> None:
    """Ninety days later, at whatever hour of Montréal it was begun (DR-01)."""
    assert kept_for(begun_at, 90) == last
    assert not is_expired(last, last) and is_expired(last, last + 1)


def test_what_was_recorded_stands_before_what_is_computed() -> None:
    """An extension that was announced is kept."""
    assert kept_until(at(2016, 1, 5), 7, 90) == 7
    assert kept_until(at(2016, 1, 5, 8), None, 90) == at(2016, 4, 4, 23, 59, 59)
