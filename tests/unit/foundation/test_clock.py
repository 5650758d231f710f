"""Instants: milliseconds in, RFC 3339 out and back; Montréal's clock with its two changes a year (WR-14)."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.clock import montreal, montreal_instant, now_ms, parse_rfc3339, rfc3339


@given(st.integers(0, 4_102_444_800_000))
def test_an_instant_is_read_as_it_was_written(instant: int) -> None:
    """Whatever its millisecond."""
    assert parse_rfc3339(rfc3339(instant)) == instant


def test_an_instant_needs_its_offset() -> None:
    """A bare local time is no instant."""
    with pytest.raises(ValueError, match="offset"):
        parse_rfc3339("2026-06-13T08:30:00")


@pytest.mark.parametrize(
    ("local", "utc"),
    [
        ("2016-06-13T08:30", "2016-06-13T12:30:00.000Z"),  # summer
        ("2016-01-05T08:30", "2016-01-05T13:30:00.000Z"),  # winter
    ],
)
def test_a_time_in_montreal_is_one_instant(local: str, utc: str) -> None:
    """In summer four hours behind UTC, in winter five."""
    instant = montreal_instant(datetime.fromisoformat(local))
    assert rfc3339(instant) == utc
    assert montreal(instant).replace(tzinfo=None) == datetime.fromisoformat(local)


@pytest.mark.parametrize(("local", "says"), [("2026-11-01T01:30", "twice"), ("2026-03-08T02:30", "never")])
def test_a_time_at_the_change_of_the_hour_is_refused(local: str, says: str) -> None:
    """A clock shows it twice or never: which instant is meant cannot be guessed."""
    with pytest.raises(ValueError, match=says):
        montreal_instant(datetime.fromisoformat(local))


def test_now_is_milliseconds() -> None:
    """Not seconds, not microseconds: between 2020 and 2100."""
    assert 1_577_836_800_000 < now_ms() < 4_102_444_800_000
