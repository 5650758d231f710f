"""What a worker of Locust tells the master: each thing once, so that both know the same in the end."""

from collections import Counter

import msgspec
import pytest

from loadtests.journey.states import JourneyEnd
from loadtests.journey.steps import Outcome
from loadtests.load_run import LoadNews, LoadRun
from loadtests.people.tally import CrowdTally


class WorkersRun(LoadRun):
    """The state of a worker's process."""


class MastersRun(LoadRun):
    """The state of the master's process."""


@pytest.fixture
def runs() -> tuple[type[LoadRun], type[LoadRun]]:
    for run in (WorkersRun, MastersRun):
        run.tally = CrowdTally()
        run.joined_at, run.drained_at, run.first_frame_ms = [], [], []
        run.most_sockets = 0
        run.said, run.said_counts, run.said_codes = Counter(), Counter(), Counter()
        run.sockets_of = {}
    return WorkersRun, MastersRun


def travelled(news: LoadNews) -> LoadNews:
    """As Locust carries it between processes."""
    return msgspec.convert(msgspec.to_builtins(news), LoadNews)


def test_everything_is_told_once(runs: tuple[type[LoadRun], type[LoadRun]]) -> None:
    """A second report has what is new, an idle one nothing."""
    worker, master = runs
    worker.tally.add(Outcome(kind=JourneyEnd.SUBMITTED, number=1, rank=1, receipt="A"))
    worker.tally.counts["requests"] += 3
    worker.joined_at.append(10.0)
    worker.most_sockets = 2
    master.add("w", travelled(worker.news()))
    worker.tally.add(Outcome(kind=JourneyEnd.LEFT, number=2))
    worker.tally.counts["requests"] += 1
    master.add("w", travelled(worker.news()))
    assert travelled(worker.news()).ended == []
    assert master.tally.ended == worker.tally.ended
    assert master.tally.counts == worker.tally.counts
    assert (master.joined_at, master.most_sockets) == ([10.0], 2)


def test_a_number_that_people_of_two_workers_have_is_found(runs: tuple[type[LoadRun], type[LoadRun]]) -> None:
    """Only the master sees it; its report says so."""
    _, master = runs
    for name, at in (("w1", 1.0), ("w2", 4.5)):
        news = LoadNews(ended=[Outcome(kind=JourneyEnd.LEFT, number=7)], drained_at=[at], most_sockets=3)
        master.add(name, news)
    figures = master.figures()
    assert figures["broken"] == ["P1: number 7 was given to 2 people"]
    assert (figures["workers"], figures["most_sockets"], figures["drain_seconds"]) == (2, 6, 3.5)
