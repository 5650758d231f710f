"""What the people of a stampede were told, judged: a sound one holds every bar, and each flaw is seen by one."""

from array import array
from collections.abc import Callable, Mapping

import msgspec
import pytest

from loadtests.journey.states import StepName
from loadtests.stampede.records import ArrivalRecord, Refused, StampedePart, Timings
from loadtests.stampede.states import StampedeShape
from loadtests.stampede.verdict import judge, times

OPENING = 10.0


def sound(many: int = 200) -> list[ArrivalRecord]:
    """Everybody presses after the opening, one after the other, and is answered in their order."""
    return [
        ArrivalRecord(
            index=at, due=at / 100, came=at / 100 + 0.001, asked=OPENING + at, sent=OPENING + at,
            told=OPENING + at + 0.5, shown=OPENING + at + 0.75,
            framed=OPENING + at + 1.0, number=at + 1, watching=True, bytes_in=1_000,
            bytes_out=100, requests=8, page_right=True if at == 0 else None,
        )
        for at in range(many)
    ]  # fmt: skip


def part(
    people: list[ArrivalRecord],
    refused: list[Refused] | None = None,
    slow: Mapping[StepName, tuple[float, float]] | None = None,
) -> StampedePart:
    """`slow`: one more request of this kind, when it was sent and how long it took."""
    timings = {}
    for step, (sent, took) in ({StepName.BUTTON: (OPENING, 0.5)} | dict(slow or {})).items():
        timings[step] = Timings(sent=array("d", [sent]).tobytes(), took=array("f", [took]).tobytes())
    return StampedePart(
        arrivals=people, timings=timings, refused=refused or [], closed={"1012": 1}, frames=5,
        most_sockets=len(people),
    )  # fmt: skip


def missed(part_: StampedePart, shape: StampedeShape = StampedeShape.ARRIVE) -> list[str]:
    return [bar.what for bar in judge([part_], shape, OPENING).bars if not bar.held]


@pytest.mark.parametrize("shape", list(StampedeShape))
def test_a_sound_stampede_holds_every_bar(shape: StampedeShape) -> None:
    """And its figures are those of its people, of all processes together."""
    people = sound()
    verdict = judge([part(people[:50]), part(people[50:])], shape, OPENING)
    assert verdict.held, verdict.bars
    assert (verdict.people, verdict.with_number, verdict.with_socket, verdict.most_sockets) == (
        200,
        200,
        200,
        200,
    )
    assert (verdict.requests_each, verdict.bytes_in_each, verdict.closed) == (8, 1_000, {"1012": 2})
    assert verdict.times["number"].p50 == 750.0
    assert verdict.times["button"].count == 2


def changed(people: list[ArrivalRecord], at: int, **values: object) -> list[ArrivalRecord]:
    people[at] = msgspec.structs.replace(people[at], **values)
    return people


@pytest.mark.parametrize(
    ("flawed", "begins"),
    [
        (lambda people: changed(people, 3, number=0), "everybody has a number"),
        (lambda people: changed(people, 3, watching=False), "everybody has a number"),
        (lambda people: changed(people, 3, number=3), "no number was given to two"),
        (lambda people: changed(people, 3, number=900), "a join answered before another"),
        (lambda people: changed(people, 199, number=201), "no number was spent on nobody"),
        (lambda people: changed(people, 0, page_right=False), "the number on the page"),
        (
            lambda people: [msgspec.structs.replace(one, came=one.due + 1) for one in people],
            "the load generator",
        ),
    ],
)
def test_each_flaw_of_a_person_is_seen(
    flawed: Callable[[list[ArrivalRecord]], list[ArrivalRecord]], begins: str
) -> None:
    """By a bar of its own."""
    assert any(what.startswith(begins) for what in missed(part(flawed(sound()))))


def test_a_slow_button_misses_the_bar() -> None:
    """Of people who come evenly, two seconds for 99 of 100."""
    slow = part(sound(), slow={StepName.BUTTON: (OPENING, 2.5)})
    assert missed(slow) == ["99 of 100 buttons are answered within 2 s"]


def test_patience_without_a_time_misses_the_bar() -> None:
    """Twin: with one it does not."""
    assert missed(part(sound(), [Refused(5.0, StepName.PAGE, 503)])) == [
        "whoever is refused for a while is told when to come back"
    ]
    assert missed(part(sound(), [Refused(5.0, StepName.PAGE, 503, 2.0)])) == []


@pytest.mark.parametrize(
    ("refused", "slow", "held"),
    [
        (OPENING + 9.0, (OPENING + 5.0, 3.0), True),
        (OPENING + 11.0, (OPENING + 5.0, 1.0), False),
        (OPENING, (OPENING + 8.5, 2.5), False),
    ],
)
def test_an_opening_is_recovered_from_in_ten_seconds(
    refused: float, slow: tuple[float, float], held: bool
) -> None:
    """The last refusal and the last slow answer of any kind decide."""
    rush = part(sound(), [Refused(refused, StepName.PAGE, 503, 2.0)], {StepName.PAGE: slow})
    assert (missed(rush, StampedeShape.RELOAD) == []) is held


@pytest.mark.parametrize(
    ("values", "begins"),
    [({"told": OPENING - 1}, "nobody got a number before"), ({"asked": OPENING + 1}, "nobody waits longer")],
)
def test_each_flaw_of_an_opening_is_seen(values: dict[str, float], begins: str) -> None:
    """A number before it, and a number that took longer than two seconds with all its repeats."""
    found = missed(part(changed(sound(), 4, **values)), StampedeShape.RELOAD)
    assert any(what.startswith(begins) for what in found)


def test_times_of_nothing_are_nothing() -> None:
    """Rather than an error."""
    assert times([]).count == 0
    assert times([0.1, 0.2]).max == 200.0
