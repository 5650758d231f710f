"""Whether the order was kept, counted over what people saw."""

import random
from collections import Counter

import pytest

from loadtests.people import fairness
from loadtests.people.fairness import Decile, Passing, SeenCall, Stretch

FOREVER = float("inf")

PASSED: dict[str, tuple[list[tuple[float, int]], list[tuple[float, float, int]], int]] = {
    "in order": ([(1, 1), (2, 2)], [(0, FOREVER, 1), (0, FOREVER, 2)], 0),
    "the lower one was there": ([(1, 2), (2, 1)], [(0, FOREVER, 1), (0, FOREVER, 2)], 1),
    "never called, and there": ([(1, 2)], [(0, FOREVER, 1)], 1),
    "the lower one had gone": ([(1, 2)], [(0, 0.5, 1)], 0),
    "the lower one came later": ([(1, 2)], [(1.5, FOREVER, 1)], 0),
    "came in the very instant": ([(1, 2)], [(1, FOREVER, 1)], 0),
    "left in the very instant": ([(1, 2)], [(0, 1, 1)], 0),
    "called in the same call": ([(1, 2), (1, 1)], [(0, FOREVER, 1), (0, FOREVER, 2)], 0),
    "away in between, twice passed": ([(2, 5), (4, 6), (6, 7)], [(0, 1, 3), (3, 5, 3), (5.5, 9, 3)], 2),
    "higher ones do not count": ([(1, 1)], [(0, FOREVER, n) for n in range(2, 50)], 0),
    "each of many": ([(1, 50)], [(0, FOREVER, n) for n in range(1, 50)], 49),
}


@pytest.mark.parametrize("how", list(PASSED))
def test_who_was_passed_is_counted(how: str) -> None:
    """Pairs of somebody called and somebody present with a lower number: all of them, and no others."""
    calls, stretches, pairs = PASSED[how]
    found = fairness.passed(
        [SeenCall(at, number) for at, number in calls], [Stretch(*one) for one in stretches]
    )
    assert sum(one.many for one in found) == pairs


def test_the_one_who_was_passed_is_named() -> None:
    """The lowest of those who were there."""
    stretches = [Stretch(0, FOREVER, n) for n in (9, 4, 7)]
    assert fairness.passed([SeenCall(1, 8)], stretches) == [Passing(SeenCall(1, 8), 4, 2)]


def test_the_quick_counts_are_the_plain_ones() -> None:
    """Random days: the same as comparing every pair with every other."""
    rng = random.Random(7)
    for _ in range(60):
        numbers = rng.sample(range(1, 60), 20)
        calls = [SeenCall(rng.randrange(30), number) for number in numbers[:12]]
        called = {call.number: call.at for call in calls}
        stretches = [
            Stretch(since := rng.randrange(25), since + rng.randrange(1, 9), n) for n in numbers for _ in "a"
        ]
        plain = sum(
            n < call.number and since < call.at < min(until, called.get(n, FOREVER))
            for call in calls
            for since, until, n in stretches
        )
        assert sum(one.many for one in fairness.passed(calls, stretches)) == plain
        order = [call.number for call in calls]
        pairs = [(a, b) for at, a in enumerate(order) for b in order[at + 1 :]]
        assert fairness.inversions(order) == sum(a > b for a, b in pairs)


@pytest.mark.parametrize(
    ("joins", "wrong"),
    [
        ([], []),
        ([(0, 1, 1), (2, 3, 2)], []),
        ([(0, 1, 2), (2, 3, 1)], [(2, 1)]),
        ([(0, 5, 2), (2, 3, 1)], []),
        ([(0, 1, 7), (0, 1, 3), (2, 3, 5)], [(7, 5)]),
        ([(0, 2, 7), (2, 3, 5)], []),
    ],
)
def test_a_later_join_has_a_higher_number(
    joins: list[tuple[float, float, int]], wrong: list[tuple[int, int]]
) -> None:
    """Only joins that did not overlap have an order (P1)."""
    assert fairness.late_numbers(joins) == wrong


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([], 0.5, 0.0),
        ([3.0], 0.99, 3.0),
        ([1.0, 2.0, 3.0, 4.0], 0.5, 3.0),
        ([*map(float, range(100))], 0.99, 99.0),
    ],
)
def test_parts_of_values(values: list[float], share: float, expected: float) -> None:
    """Percentiles of ascending values, and the same of counted ones."""
    assert fairness.part(values, share) == expected
    counts = Counter(int(value) for value in values)
    assert fairness.part_of_counts(dict(counts), share) == (int(expected) if values else None)


def test_waits_by_tenths_follow_the_numbers() -> None:
    """Ten parts in the order of the numbers, with their least, median and longest wait; fewer for few people."""
    tenths = fairness.deciles([(number, float(number)) for number in range(1, 101)])
    assert len(tenths) == 10
    assert tenths[0] == Decile(1, 10, 1.0, 6.0, 10.0)
    assert tenths[-1].most == 100.0
    assert fairness.deciles([(5, 1.0)]) == [Decile(5, 5, 1.0, 1.0, 1.0)]
    assert fairness.deciles([]) == []
