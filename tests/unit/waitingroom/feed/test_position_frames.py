"""Frames written from a shared part are the frames an encoder would make; and how often they go out, by distance."""

import random
import time
from typing import Any

import msgspec
import pytest

from quota.store import Period
from waitingroom.feed.position_frames import FAR_SECONDS, MIDDLE_SECONDS, PositionFrames, bands, strained
from waitingroom.feed.states import FrameType
from waitingroom.feed.watcher import MeFrame
from waitingroom.line.looks import Look
from waitingroom.line.snapshot import GONE, LOST, Snapshot, bitmap, estimate
from waitingroom.positions import poll_seconds, shown
from waitingroom.states import SOON_SECONDS

PLAIN: dict[str, Any] = {
    field.name: {str: "", int: 0, bool: False}.get(field.type) for field in msgspec.structs.fields(Period)
}


def period(**values: Any) -> Period:
    """A row of an open period."""
    return Period(**PLAIN | {"uid": "uid", "id": "essai", "state": "open", "calls_per_minute": 12} | values)


def waited(*present: int, seen: float | None = None) -> Look:
    """A look at a line in which these are present and wait."""
    bits = bitmap(present)
    snapshot = Snapshot.of(0, max(present), {}, bits, b"", [bits])
    return Look(snapshot, time.monotonic() - 0.25, per_minute=seen)


@pytest.mark.parametrize(
    ("values", "seen"),
    [
        ({}, None),
        ({}, 4.0),
        ({}, 0.0),
        ({"paused": True}, None),
        ({"suspended": True, "notice": 'Une panne « électrique ».\n"Patience" \U0001f550'}, None),
        ({"calls_per_minute": 0}, None),
        ({"calls_per_minute": 6000, "notice": ""}, None),
        ({"entries": 500}, None),
        ({"entries": 500, "seed": "drawn"}, None),
    ],
)
def test_a_frame_is_byte_for_byte_the_me_object(
    monkeypatch: pytest.MonkeyPatch, values: dict[str, Any], seen: float | None
) -> None:
    """Whatever stands in the period's row, near and far, and for a number that joined after the look."""
    monkeypatch.setattr("waitingroom.line.looks.time.monotonic", lambda now=time.monotonic(): now)  # noqa: B008
    one, look, now = period(**values), waited(*range(1, 2000, 3), seen=seen), 1_781_354_000_123
    sheet = PositionFrames(one, look, now)
    for number in (1, 2, 4, 700, 1999, 2000, 2500):
        frame = MeFrame(type=FrameType.NOTICE, **msgspec.structs.asdict(shown(one, look, number, now)))
        assert sheet.frame(number, look.snapshot.ahead(number), FrameType.NOTICE) == msgspec.json.encode(
            frame
        )


def test_one_walk_along_the_line_says_what_single_questions_say() -> None:
    """Present, parked, gone, lost, and joined after the look: for lines of many shapes and any watchers."""
    for seed in range(60):
        rng = random.Random(seed)
        seq = rng.choice((0, 1, 7, 8, 600, 5000))
        some = [number for number in range(1, seq + 1) if rng.random() < 0.7]
        bits = [bitmap(one for one in some if rng.random() < part) for part in (0.9, 0.1, 0.6)]
        look = Snapshot.of(0, seq, {}, bits[0], bits[1], [bits[2]])
        numbers = sorted(rng.choices(range(1, seq + 20), k=300))
        asked = [{"gone": GONE, "lost": LOST}.get(look.place(one), look.ahead(one)) for one in numbers]
        assert look.standings(numbers) == asked


def push_seconds(ahead: int, stopped: bool, pace: int = 100, strain: int = 0) -> int:
    near, far = bands(stopped, pace, strain)
    return 1 if ahead < near else MIDDLE_SECONDS if ahead < far else FAR_SECONDS


@pytest.mark.parametrize(
    ("ahead", "stopped", "pace", "seconds"),
    [
        (0, False, 100, 1), (161, False, 100, 1), (162, False, 100, 3), (39_999, False, 100, 3),
        (40_000, False, 100, 5), (999_999, False, 100, 5), (0, True, 100, 5), (999_999, True, 100, 5),
        (0, False, 0, 3), (40, False, 25, 1), (41, False, 25, 3), (9_679, False, 6000, 1),
    ],
)  # fmt: skip
def test_who_is_called_soon_hears_each_second_and_nobody_waits_longer_than_five(
    ahead: int, stopped: bool, pace: int, seconds: int
) -> None:
    """The bands; while calls stand still everybody is far. From 5 s on the page says how old a position is: who is
    not far is told again before, also where a turn comes a second late."""
    assert push_seconds(ahead, stopped, pace) == seconds
    assert MIDDLE_SECONDS + 1 < 5 == FAR_SECONDS


@pytest.mark.parametrize("pace", [1, 12, 25, 600])
@pytest.mark.parametrize("seen", [None, 3.0, 700.0])
def test_whoever_is_told_that_it_is_soon_hears_each_second(pace: int, seen: float | None) -> None:
    """« Bientôt votre tour » is said by the longest wait; the bands go by the announced pace alone."""
    near, _ = bands(False, pace)
    for ahead in range(near, near + 50):
        wait = estimate(ahead, pace, seen)
        assert wait is not None and wait[1] > SOON_SECONDS


def test_a_process_that_needs_its_whole_second_looks_less_far() -> None:
    """Each late turn halves the distances, each easy one doubles them back; nobody waits longer than five seconds."""
    assert [push_seconds(ahead, False, strain=1) for ahead in (80, 81, 19_999, 20_000)] == [1, 3, 3, 5]
    assert [push_seconds(ahead, False, strain=5) for ahead in (4, 5, 1_249, 1_250)] == [1, 3, 3, 5]
    strains = [0]
    for took in (1.2, 0.95, 0.6, 1.0, 1.0, 1.0, 1.0, 0.44, 0.1, 0.0, 0.0, 0.0, 0.0):
        strains.append(strained(strains[-1], took))
    assert strains == [0, 1, 2, 2, 3, 4, 5, 5, 4, 3, 2, 1, 0, 0]


def test_a_process_that_waits_for_a_processor_looks_less_far() -> None:
    """On a machine where others have more to do, positions give way long before they need their whole second."""
    strains = [0]
    for took, waited in (
        (0.4, 0.0),
        (0.4, 0.3),
        (0.35, 0.26),
        (0.3, 0.15),
        (0.2, 0.05),
        (0.2, 0.0),
        (0.95, 0.0),
    ):
        strains.append(strained(strains[-1], took, waited))
    assert strains == [0, 0, 1, 2, 2, 1, 0, 1]


@pytest.mark.parametrize(
    ("ahead", "calls_per_minute", "seconds"),
    [
        (0, 60, 2),
        (20, 60, 2),
        (50, 60, 5),
        (150, 60, 15),
        (200, 60, 20),
        (80_000, 60, 20),
        (5, 0, 20),
        (10, 6, 10),
    ],
)
def test_polling_clients_are_told_when_to_come_back_by_distance(
    ahead: int, calls_per_minute: int, seconds: int
) -> None:
    """A tenth of the time until the call, never more than twenty seconds: presence needs that."""
    assert poll_seconds(ahead, calls_per_minute) == seconds
