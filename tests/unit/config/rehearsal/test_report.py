"""The figures of a rehearsal's report, from records as values."""

import pytest

from config.rehearsal import report
from config.rehearsal.report import (
    RehearsalRun,
    added,
    ages,
    by_moment,
    drain_seconds,
    ends,
    nearest,
    shown,
    thinned,
    was_here,
)
from loadtests.journey.states import JourneyEnd, PersonaKind
from loadtests.people.rehearsal import RehearsalSeen
from loadtests.people.scale import scaled
from loadtests.people.witness import Stay, Witness, WitnessSample


def witness(
    outcome: JourneyEnd | None, kind: PersonaKind = PersonaKind.CANDIDATE, **values: object
) -> Witness:
    row = {"index": 1, "kind": kind, "account": 1, "came": 0.0, "outcome": outcome} | values
    return Witness(**row)  # type: ignore[arg-type]


def test_every_end_has_its_words() -> None:
    """How many ended how, by kind, the most frequent first; a refusal with its code."""
    people = [
        witness(JourneyEnd.SUBMITTED),
        witness(JourneyEnd.SUBMITTED),
        witness(JourneyEnd.REFUSED, code="suspended"),
        witness(None, PersonaKind.ROBOT),
    ]
    assert ends(people) == [
        ("candidats", 3, [("demande soumise", 2), ("refus (suspended)", 1)]),
        ("robots", 1, [("encore là à la fin", 1)]),
    ]


def test_a_drain_is_of_those_who_were_there() -> None:
    """Who was away at the end hears of it on coming back, and is not counted."""
    here = Stay(number=1, asked=0.0, told=0.0, fresh=True, present=[(0.0, 20.0)])
    away = Stay(number=2, asked=0.0, told=0.0, fresh=True, present=[(0.0, 5.0)])
    people = [witness(None, stays=[here], drained=13.0), witness(None, stays=[away], drained=90.0)]
    assert [was_here(one, 10.0) for one in people] == [True, False]
    assert drain_seconds(people, 10_000) == 3.0
    assert drain_seconds(people, None) is None


def test_counts_of_several_processes_are_one() -> None:
    """Ages are counted in tenths of seconds."""
    assert added([{1: 2}, {1: 1, 5: 1}]) == {1: 3, 5: 1}
    assert ages({1: 98, 20: 2}) == {"p50": 0.1, "p99": 2.0}
    assert ages({}) == {"p50": None, "p99": None}


def test_the_last_sample_of_a_process_in_a_moment_counts() -> None:
    """Two seconds are a moment; of each process one sample."""
    samples = [
        WitnessSample(share=share, at=at, sockets=sockets)
        for share, at, sockets in ((0, 0.1, 1), (0, 1.9, 2), (1, 1.0, 5), (0, 2.1, 3))
    ]
    assert by_moment(samples, lambda sample: sample.sockets) == {0: [2, 5], 1: [3]}


def test_a_long_line_is_thinned_and_keeps_its_ends() -> None:
    """As many points as one can see."""
    points = [(float(n), float(n)) for n in range(1_001)]
    thin = thinned(points)
    assert len(thin) <= report.MOST_POINTS + 1
    assert (thin[0], thin[-1]) == (points[0], points[-1])
    assert nearest(points, 3.4) == 3.0


@pytest.mark.parametrize(
    ("value", "text"), [(1.25, "1,2"), (3.0, "3"), (1234.5, "1\N{NARROW NO-BREAK SPACE}234")]
)
def test_figures_are_french(value: float, text: str) -> None:
    """A comma; whole from a hundred on."""
    assert shown(value).replace("\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}") == text


def run_of(samples: list[WitnessSample], whole: float) -> RehearsalRun:
    return RehearsalRun(
        command="guichet rehearse", scale=scaled(20, 2, 20.0, 2), seed=1, web=2, limits=True, whole=whole,
        addresses=True, database_url="", period="demo", machine={}, versions={},
        seen=RehearsalSeen(began=0.0, samples=samples),
    )  # fmt: skip


def test_whole_arrivals_of_all_processes_are_one() -> None:
    """Who came so, what each step took over all of them, and what one weighs on average."""
    samples = [
        WitnessSample(
            share=share, at=1.0, arrived=2, arrival_requests=16, arrival_bytes_in=4_000, arrival_bytes_out=600,
            took={"button": {10: 49, 20 + share: 1}, "number": {40: 1}},
        )
        for share in range(2)
    ]  # fmt: skip
    people = [witness(None, whole=True), witness(None, whole=True), witness(None)]
    found = report.arrival(run_of(samples, 0.5), people)
    assert (found["share"], found["people"], found["arrived"]) == (0.5, 2, 4)
    assert (found["requests"], found["bytes_in"], found["bytes_out"]) == (8.0, 2_000, 300)
    assert found["ms"] == {
        "button": {"count": 100, "p50": 10, "p95": 10, "p99": 21},
        "number": {"count": 2, "p50": 40, "p95": 40, "p99": 40},
    }


def test_without_whole_arrivals_there_is_nothing_to_say_of_them() -> None:
    """And no division by none."""
    found = report.arrival(run_of([], 0.0), [witness(None)])
    assert (found["people"], found["arrived"], found["bytes_in"], found["ms"]) == (0, 0, 0, {})


def test_nothing_seen_is_no_graph() -> None:
    """Rather than an empty one."""
    assert report.graph("t", "n", "u", {"a": []}) is None
    drawn = report.graph("t", "n", "u", {"a": [(0.0, 1.0), (1.0, 2.0)]})
    assert drawn is not None
    assert drawn.names == ["a"]


def drained(present: list[tuple[float, float]], at: float) -> Witness:
    """Somebody who was present in these stretches, and whom the feed told the end at this moment."""
    stay = Stay(number=1, asked=0.0, told=0.0, fresh=True, present=present)
    return Witness(index=0, kind=PersonaKind.CANDIDATE, account=0, came=0.0, stays=[stay], drained=at)


def test_a_drain_is_of_those_who_stood_in_line_when_the_last_place_was_taken() -> None:
    """Whoever was away hears of it on coming back: that is not the service's time."""
    here, away = drained([(1.0, 101.5)], 101.5), drained([(1.0, 60.0), (150.0, 151.0)], 151.0)
    assert drain_seconds([here, away], 100_000) == 1.5
    assert drain_seconds([away], 100_000) is None
    assert drain_seconds([here], None) is None
