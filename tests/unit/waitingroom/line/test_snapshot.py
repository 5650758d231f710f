"""The line as a value: ranks, who is next, whom a call passes over."""

import random

from hypothesis import given
from hypothesis import strategies as st

from waitingroom.line.snapshot import Snapshot, bitmap, estimate, has, members


def snapshot(waiting: set[int], present: set[int], gone: set[int], seq: int) -> Snapshot:
    return Snapshot.of(0, seq, {}, bitmap(waiting), bitmap(gone), [bitmap(present), b""])


@given(st.sets(st.integers(1, 3000)))
def test_a_bitmap_holds_just_its_numbers(numbers: set[int]) -> None:
    """Bits go in and come out in the order that Redis uses."""
    bits = bitmap(numbers)
    assert list(members(bits)) == sorted(numbers)
    assert all(has(bits, n) == (n in numbers) for n in range(0, 3010, 7))


def test_bit_n_is_where_redis_setbit_puts_it() -> None:
    """Number 1 is the second highest bit of the first byte; number 8 begins the second byte."""
    assert bitmap([1]) == b"\x40"
    assert bitmap([8]) == b"\x00\x80"


@given(st.sets(st.integers(1, 1500)), st.sets(st.integers(1, 1500)), st.sets(st.integers(1, 1500)))
def test_ahead_is_the_count_of_lower_numbers_that_wait_and_are_present(
    waiting: set[int], present: set[int], gone: set[int]
) -> None:
    """Checked against counting one by one."""
    look = snapshot(waiting, present, gone, 1500)
    front = {n for n in waiting if n in present and n not in gone}
    for number in random.Random(1).sample(range(1, 1600), 60):
        late = max(0, number - 1501)
        assert look.ahead(number) == sum(n < number for n in front) + late
    assert look.waiting == len(front)
    assert look.parked_count == len(waiting - present - gone)
    assert look.next(5) == sorted(front)[:5]


def test_a_number_above_the_look_waits_and_one_in_neither_bitmap_is_lost() -> None:
    """A join after the look is not a loss; a hole below it is."""
    look = snapshot({3, 4}, {3}, {1}, 5)
    assert [look.place(n) for n in (1, 2, 3, 4, 5, 6)] == [
        "gone",
        "lost",
        "waiting",
        "waiting",
        "lost",
        "waiting",
    ]


def test_a_call_records_the_parked_numbers_below_it() -> None:
    """Number 9 passes over 2 and 7, which wait but are away; 12 is above it."""
    look = snapshot({2, 5, 7, 9, 12}, {5, 9}, set(), 12)
    assert list(members(look.passed_over(9))) == [2, 7]


def test_a_range_of_time_is_given_only_while_calls_are_made() -> None:
    """The low end is the announced pace; what was seen lately makes the high end."""
    assert estimate(60, 0, None) is None
    low, high = estimate(60, 60, 30.0) or (0, 0)
    assert (low, high) == (60, 150)
