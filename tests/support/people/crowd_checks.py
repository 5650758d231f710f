"""What must be true of a crowd's record, whatever was lost meanwhile. Pure: findings in words, none when all is well.

Each of them is shown to find what it looks for in `test_losses.py`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from tests.support.people.crowds import CrowdPerson

MOST_FINDINGS = 5

SLACK_SECONDS = 5.0
"""A frame may lie this long in a socket of a busy machine before it is read; who was passed waits for far longer."""


class AskedQuestion(NamedTuple):
    """A join from this side: when it was first sent, when its answer was here, the number."""

    sent: float
    answered: float
    number: int


def numbers_kept(people: Iterable[CrowdPerson]) -> list[str]:
    """P1, P8: everybody was told one number, from the join to the end."""
    return [f"a number changed: {sorted(one.numbers)}" for one in people if len(one.numbers) > 1]


def numbers_distinct(numbers: Iterable[int]) -> list[str]:
    """P1: nobody has a number that somebody else has."""
    seen: set[int] = set()
    twice = [number for number in numbers if number in seen or seen.add(number)]  # type: ignore[func-returns-value]
    return [f"number {number} was given twice" for number in twice]


def in_order_of_joining(joins: Iterable[AskedQuestion]) -> list[str]:
    """WR-03: whoever had an answer before another one asked has the lower number. O(n log n), exact."""
    asked = sorted(joins, key=lambda join: join.sent)
    answered = sorted(asked, key=lambda join: join.answered)
    found, highest, at = [], 0, 0
    for join in asked:
        while at < len(answered) and answered[at].answered < join.sent:
            highest = max(highest, answered[at].number)
            at += 1
        if highest > join.number:
            found.append(f"{join.number} was given after {highest}")
    return found


def nobody_passed(people: Iterable[CrowdPerson], slack: float = SLACK_SECONDS) -> list[str]:
    """P7 as people see it: nobody who was there still waited when somebody with a higher number had been called."""
    here = sorted((one for one in people if one.number and not one.away), key=lambda one: -one.number)
    earliest, by, found = float("inf"), 0, []
    for one in here:
        if one.last_waiting > earliest + slack:
            found.append(
                f"{by} was called {one.last_waiting - earliest:.1f} s before {one.number} still waited"
            )
        if "called" in one.first and one.first["called"] < earliest:
            earliest, by = one.first["called"], one.number
    return found


def called_in_order(calls: Sequence[Sequence[int]], away: Iterable[int] = ()) -> list[str]:
    """P7 as the ledger has it: each call's numbers are above those of the calls before, but for who was away."""
    absent, highest, found = set(away), 0, []
    for numbers in calls:
        here = sorted(number for number in numbers if number not in absent)
        if here and here[0] < highest:
            found.append(f"{here[0]} was called after {highest}")
        highest = max([highest, *here])
    return found


def never_called_back(people: Iterable[CrowdPerson]) -> list[str]:
    """What somebody was told is not taken back: nobody is called twice, or waits again at the same number."""
    order = {state: at for at, state in enumerate(("waiting", "called", "redeemed", "submitted"))}
    found = []
    for one in people:
        steps = [order[state] for state in one.states if state in order]
        if steps != sorted(set(steps)):
            found.append(f"{one.number} was told {', then '.join(one.states)}")
    return found


def receipts_kept(people: Iterable[CrowdPerson], kept: Mapping[str, tuple[int, int]]) -> list[str]:
    """P3: every receipt that somebody holds is in the books, for that number, with that rank."""
    return [
        f"{one.number} holds {receipt} of rank {rank}; the books have {kept.get(receipt)}"
        for one in people
        for receipt, rank in one.receipts
        if kept.get(receipt) != (one.number, rank)
    ]


def served_in_time(people: Iterable[CrowdPerson], token_seconds: float) -> list[str]:
    """P5, P6: whoever was called and submitted within the token's time was accepted.

    A call is heard of up to a few seconds after it was made; whoever was told that it is too late had that long.
    """
    late = token_seconds - SLACK_SECONDS
    return [
        f"{one.number} submitted {one.acted - one.first['called']:.1f} s after the call and was told {one.refused}"
        for one in people
        if one.refused and not (one.refused == "token_expired" and one.acted - one.first["called"] > late)
    ]


def cap_exact(ranks: Iterable[int], cap: int) -> list[str]:
    """P2: the ranks are 1 to the cap, each once."""
    found = sorted(ranks)
    return (
        [] if found == list(range(1, cap + 1)) else [f"{len(found)} ranks for a cap of {cap}: {found[-3:]}"]
    )


def all_of(*checks: Callable[[], list[str]]) -> list[str]:
    """The findings of all, a few of each."""
    return [finding for check in checks for finding in check()[:MOST_FINDINGS]]
