"""How long 81,000 people wait to hear that it is over."""

from typing import Any, cast

import pytest

from loadtests.bench import drain
from loadtests.bench.live import Watchers


class PlayedWatchers:
    """A process of watchers that answers what it was given."""

    def __init__(self, told: int, at: float) -> None:
        self.answers: list[dict[str, Any]] = [{"told": told, "at": at}, {"at": at + 1}]
        self.said: list[str] = []

    def tell(self, line: str) -> None:
        self.said.append(line)

    def hear(self) -> dict[str, Any]:
        return self.answers.pop(0)


def test_the_last_one_told_is_what_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Over all processes; and the last one closed."""
    monkeypatch.setattr("loadtests.bench.drain.time.time", lambda: 100.0)
    crowds = [PlayedWatchers(drain.EACH, 100.0 + place) for place in range(drain.PROCESSES)]
    told, closed = drain.told_and_closed(cast(list[Watchers], crowds), lambda: None)
    assert (told, closed) == (drain.PROCESSES - 1, drain.PROCESSES)
    assert crowds[0].said == ["until drained", "closed"]


def test_one_who_was_not_told_makes_no_figure() -> None:
    """Twin: with one of 81,000 missing the run fails."""
    crowds = [PlayedWatchers(drain.EACH - (place == 0), 0.0) for place in range(drain.PROCESSES)]
    with pytest.raises(SystemExit, match="not all were told"):
        drain.told_and_closed(cast(list[Watchers], crowds), lambda: None)
