"""The figures of the section: what is held against which bar."""

import pytest

from loadtests.bench.arrival import section
from loadtests.bench.arrival.arrivals import ARRIVALS, ArrivalRound
from loadtests.bench.arrival.browser import request
from loadtests.bench.arrival.plan import ArrivalPlan, PlannedRequest
from loadtests.bench.arrival.processor import ServiceEffort
from loadtests.bench.arrival.section import Measured
from loadtests.bench.arrival.single_requests import RequestRates
from loadtests.bench.arrival.waiting import WaitingMinute


def measured(web: float, page: float, file: float) -> Measured:
    """A run in which an arrival took so many times an empty handler's, and pages and files such shares of its rate."""
    minute = WaitingMinute(ServiceEffort(0.001, 0.0, 0.0), 15_000, 60)
    return Measured(
        ArrivalPlan("h", [PlannedRequest("the page", request("h", "/"), 200)], ""),
        [ArrivalRound(ServiceEffort(web * ARRIVALS, 0.1, 0.1), 19 * 1024 * ARRIVALS, 0.001 * ARRIVALS, [])],
        [("the page", ServiceEffort(0.0005, 0.0, 0.0))],
        [
            RequestRates("the room page of a newcomer", [page * 1000], [1000.0], 0.0),
            RequestRates("base.css", [file * 1000], [1000.0], 0.0),
            RequestRates("room.js", [file * 2000], [1000.0], 0.0),
            RequestRates("base.css, 304", [file * 1000], [1000.0], 0.0),
        ],
        minute,
        minute,
    )


@pytest.mark.parametrize(
    ("web", "page", "file", "missed"),
    [
        (0.0029, 0.45, 0.65, 0),
        (0.0031, 0.45, 0.65, 1),
        (0.0029, 0.35, 0.65, 1),
        (0.0029, 0.45, 0.55, 2),
    ],
)
def test_each_bar_is_held_or_missed(
    web: float, page: float, file: float, missed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An arrival in empty handlers; pages; the slowest file, whole and unchanged."""
    monkeypatch.setattr(section, "measure", lambda _: measured(web, page, file))
    found = section.run()
    assert sum(one.held is False for one in found.figures) == missed
    assert found.notes["of it, in µs of the web process"] == "the page 500"
    judged = {one.what: one.value for one in found.figures}
    assert judged["bytes of an arrival, heads included"] == 19.0
    assert sum(name.startswith(section.MINUTE) for name in judged) == 2
