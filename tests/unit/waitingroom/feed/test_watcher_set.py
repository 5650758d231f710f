"""Whom a turn looks at: found by bitmaps, it is whom single questions find; and how often each hears, by distance."""

import random
from collections import Counter

import pytest

from tests.support.rooms import RecordingWire
from waitingroom.feed.position_frames import FAR_SECONDS, MIDDLE_SECONDS
from waitingroom.feed.watcher import Watcher
from waitingroom.feed.watcher_set import WatcherSet
from waitingroom.line.snapshot import Snapshot, bitmap, members
from waitingroom.line.states import LinePlace
from waitingroom.tickets import Ticket


def crowd_of(*numbers: int) -> WatcherSet:
    """A socket for each of these numbers."""
    crowd = WatcherSet()
    for number in numbers:
        crowd.add(Watcher("essai", Ticket("uid", number, "visitor"), RecordingWire()))
    return crowd


def line_of(*present: int) -> Snapshot:
    """A line in which these are present and wait."""
    bits = bitmap(present)
    return Snapshot.of(0, max(present), {}, bits, b"", [bits])


def test_one_look_at_the_bitmaps_finds_whom_single_questions_find() -> None:
    """Gone, lost, parked, present, and joined after the look: for lines of many shapes and any sockets."""
    for seed in range(60):
        rng = random.Random(seed)
        seq = rng.choice((0, 1, 7, 8, 600, 5000))
        some = [number for number in range(1, seq + 1) if rng.random() < 0.7]
        bits = [bitmap(one for one in some if rng.random() < part) for part in (0.9, 0.1, 0.6)]
        look = Snapshot.of(0, seq, {}, bits[0], bits[1], [bits[2]])
        crowd = crowd_of(*rng.choices(range(1, seq + 20), k=300))
        rows, lost = crowd.sort_out(look)
        assert rows == {one for one in crowd if look.place(one.number) is LinePlace.GONE}
        assert set(lost) == {one for one in crowd if look.place(one.number) is LinePlace.LOST}


def test_without_a_look_only_those_who_were_called_are_asked_about() -> None:
    """Their rows are known of SQL, and Redis being away takes nothing from them."""
    crowd = crowd_of(1, 2, 3)
    crowd.called.add(crowd.in_order()[1])
    rows, lost = crowd.sort_out(None)
    assert [one.number for one in rows] == [2] and lost == []
    assert list(members(crowd.uncalled())) == [1, 3]


@pytest.mark.parametrize("hidden", [False, True])
def test_everybody_hears_evenly_and_as_often_as_their_distance_says(hidden: bool) -> None:
    """A tab that nobody sees hears as somebody far away does; over fifteen turns each band's share is the same."""
    crowd, line = crowd_of(*range(1, 301)), line_of(*range(1, 301))
    for watcher in crowd:
        watcher.hidden = hidden
    turns = [crowd.due(line, 60, 180, turn) for turn in range(15)]
    assert all([one.number for one in turn] == sorted(one.number for one in turn) for turn in turns)
    heard = Counter(one.number for turn in turns for one in turn)
    every = [FAR_SECONDS] * 3 if hidden else [1, MIDDLE_SECONDS, FAR_SECONDS]
    assert [heard[number] for number in (1, 60, 61, 180, 181, 300)] == [
        15 // one for one in every for _ in "ab"
    ]
    assert {len(turn) for turn in turns} == {60 if hidden else 60 + 40 + 24}


def test_who_came_or_went_is_seen_in_the_next_turn() -> None:
    """Also a second socket of a number, and one of a number below all others."""
    crowd, line = crowd_of(5, 9), line_of(*range(1, 10))
    assert [one.number for one in crowd.due(line, 99, 99, 0)] == [5, 9]
    late = [Watcher("essai", Ticket("uid", number, "visitor"), RecordingWire()) for number in (9, 1)]
    for one in late:
        crowd.add(one)
    assert crowd.numbers() == [1, 5, 9, 9] and len(list(crowd.of(9))) == 2 and crowd.fresh >= set(late)
    crowd.discard(late[0])
    assert crowd.numbers() == [1, 5, 9] and late[0] not in crowd.fresh
