"""The live feed's benchmark: every socket shows its own place, or there is no figure."""

import os
from typing import Any

import pytest

from loadtests.bench.live import check, cpu_seconds


def shown(*places: tuple[int, str, int]) -> list[dict[str, Any]]:
    return [{"positions": [list(place) for place in places]}]


def test_each_has_its_own_place() -> None:
    """Nobody between, so many called in front."""
    check(shown((1, "waiting", 0), (2, "waiting", 1)), 2)
    check(shown((2, "waiting", 0), (3, "waiting", 1)), 2, called=1)


@pytest.mark.parametrize(
    ("places", "many"),
    [
        (((1, "waiting", 0),), 2),
        (((1, "waiting", 1),), 1),
        (((1, "called", 0),), 1),
        (((1, "waiting", 0), (1, "waiting", 0)), 2),
    ],
)
def test_a_wrong_place_is_no_figure(places: tuple[tuple[int, str, int], ...], many: int) -> None:
    """Twin: one missing, one off by one, one called, one twice."""
    with pytest.raises(SystemExit, match="show a place"):
        check(shown(*places), many)


def test_a_processor_is_used_by_somebody() -> None:
    """This process has used some."""
    assert cpu_seconds(os.getpid()) > 0
