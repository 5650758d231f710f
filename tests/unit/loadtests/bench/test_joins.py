"""Joins a second: a number that is missing makes no figure."""

import pytest

from loadtests.bench import joins
from loadtests.bench.barrage import Volley


@pytest.fixture
def numbers(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What the room says of its last number, in turn; every volley has ten answers."""
    said: list[int] = []
    monkeypatch.setattr(joins, "fire", lambda url, seconds: Volley(10, seconds, 0, b"", [0.1] * 10))
    monkeypatch.setattr(joins, "last_number", lambda url: said.pop(0))
    monkeypatch.setattr("loadtests.bench.joins.time.sleep", lambda seconds: None)
    return said


def test_every_answer_has_its_number(numbers: list[int]) -> None:
    """As many numbers were given as joins were answered, whatever the warm-up took."""
    numbers += [10, 10 + joins.ROUNDS * 10]
    ours, bare = joins.measure("room", "empty")
    assert (len(ours), len(bare)) == (joins.ROUNDS, joins.ROUNDS)


def test_a_number_too_few_is_no_figure(numbers: list[int]) -> None:
    """Twin: the run fails, and says by how much."""
    numbers += [10, 9 + joins.ROUNDS * 10]
    with pytest.raises(
        SystemExit, match=f"{joins.ROUNDS * 10} joins were answered, but {joins.ROUNDS * 10 - 1} numbers"
    ):
        joins.measure("room", "empty")


def test_no_process_is_moved_that_is_a_web_process() -> None:
    """Its core is its own."""
    joins.move({"web": [1]}, {0})
