"""The report of a stampede, from a run as a value."""

import json

import msgspec

from loadtests.people.rehearsal import Usage
from loadtests.stampede.report import StampedeRun, as_json, page
from loadtests.stampede.states import StampedeShape
from loadtests.stampede.verdict import judge
from tests.unit.loadtests.stampede.test_verdict import OPENING, part, sound


def run(verified: bool = True) -> StampedeRun:
    return StampedeRun(
        command="python -m loadtests.stampede",
        shape=StampedeShape.ARRIVE,
        people=200,
        seconds=2.0,
        press_seconds=1.0,
        web=2,
        looks=True,
        machine={"processor": "P", "cores": "2", "system": "Linux 6"},
        versions={"python": "3.11"},
        before=Usage(at=0.0, seconds={"web": 1.0}, rss={"web": 1}),
        arrived=Usage(at=10.0, seconds={"web": 3.0}, rss={"web": 1}),
        held=Usage(at=20.0, seconds={"web": 4.0}, rss={"web": 5_000_000}),
        verified=verified,
        verdict=judge([part(sound())], StampedeShape.ARRIVE, OPENING),
    )


def test_a_report_says_what_was_asked_found_and_used() -> None:
    """As Markdown: every bar, times, processor time of an arrival and of the wait, the machine without a name."""
    text = page(run())
    assert text.startswith("# 200 whole arrivals in 2 seconds\n\n    python -m loadtests.stampede\n")
    assert "Every bar was held." in text
    assert "| the button | 1 | 500.0 | 500.0 | 500.0 | 500.0 |" in text
    assert "milliseconds: web 10.0" in text
    assert "while everybody waits: web 0.1" in text
    assert "P, 2 cores, Linux 6" in text


def test_a_broken_promise_is_no_good_run() -> None:
    """Whatever the people saw, the books decide too."""
    assert run().good
    assert not run(verified=False).good
    assert "**Not every bar was held.**" in page(run(verified=False))


def test_the_same_for_programs() -> None:
    """With the verdict, and what follows from the usage."""
    told = json.loads(as_json(run()))
    assert (told["good"], told["processor_ms_an_arrival"], told["verdict"]["with_number"]) == (
        True,
        {"web": 10.0},
        200,
    )
    assert msgspec.convert(told["verdict"], dict)["bars"][0]["held"] is True
