"""Which people of a rehearsal register first, and who they are then."""

import asyncio

import pytest

from loadtests.journey.accounts import AccountPattern
from loadtests.newcomers import MOST, NewcomersSeen, chosen, how_many, prepare
from loadtests.people.scale import scaled

PATTERN = AccountPattern("foule-%05d", "secret", ("a", "b", "c"))


@pytest.mark.parametrize(
    ("people", "share", "count"), [(150, None, 3), (60_000, None, MOST), (60_000, 0.01, 600), (150, 0.0, 0)]
)
def test_how_many_register_first(people: int, share: float | None, count: int) -> None:
    """A share that is asked for is not bounded; by itself it is what costs little."""
    assert how_many(people, share) == count


def test_they_are_among_the_first_and_the_same_for_a_seed() -> None:
    """So that some of them are called before the cap is reached; nobody twice."""
    scale = scaled(2_000, 100, 100.0, 2)
    found = chosen(scale, 7, 10)
    assert found == chosen(scale, 7, 10) != chosen(scale, 8, 10)
    assert len(set(found)) == 10


def test_a_newcomer_has_secrets_of_their_own() -> None:
    """Others share those of the pattern."""
    pattern = AccountPattern(PATTERN.username, PATTERN.password, PATTERN.answers, newcomers=(4,))
    assert pattern.person(4).username == "nouvelle-000004" and pattern.person(4).password != "secret"
    assert pattern.person(3) == PATTERN.person(3)


def test_where_nobody_is_nobody_is_prepared() -> None:
    """It is counted, and nothing raises."""
    seen = asyncio.run(prepare("http://127.0.0.1:9", "demo", PATTERN, [], 1, addresses=False))
    assert seen == NewcomersSeen(seconds=seen.seconds)
