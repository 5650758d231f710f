"""The pace of calls on the service clock: even, never made up for more than two seconds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quota.pace import MOST_STEP_MS, due_calls


@pytest.mark.parametrize(
    ("clock", "next_call", "per_minute", "due", "then"),
    [
        (0, 0, 4, 1, 15_000),  # at once, then one each 15 s
        (14_999, 15_000, 4, 0, 15_000),  # not yet
        (15_000, 15_000, 4, 1, 30_000),
        (1_000, 0, 60, 2, 2_000),  # a beat a second
        (60_000, 0, 60, 1, 61_000),  # missed by a minute: not made up
        (5_000, 0, 0, 0, 0),  # pace 0 calls nobody
    ],
)
def test_how_many_are_due(clock: int, next_call: int, per_minute: int, due: int, then: int) -> None:
    """And when the next one is."""
    assert due_calls(clock, next_call, per_minute) == (due, then)


@given(st.integers(1, 100_000), st.integers(0, 10**9), st.integers(0, MOST_STEP_MS))
def test_the_next_call_is_always_to_come(per_minute: int, next_call: int, late: int) -> None:
    """Whatever the pace: nobody is called twice for one beat."""
    due, then = due_calls(next_call + late, next_call, per_minute)
    assert due >= 1
    assert then > next_call or per_minute > 60_000


@given(st.integers(1, 6_000))
def test_a_minute_of_ticks_calls_as_many_as_the_pace(per_minute: int) -> None:
    """Ticks twice a second for a minute: the pace, give or take the first and the last."""
    called, next_call = 0, 0
    for clock in range(0, 60_000, 500):
        due, next_call = due_calls(clock, next_call, per_minute)
        called += due
    assert abs(called - per_minute) <= 1 + per_minute // 60
