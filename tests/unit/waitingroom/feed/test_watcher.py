"""What a socket is told goes forward only: waiting, called, and what comes of it."""

import json

import pytest

from foundation.clock import rfc3339
from tests.support.rooms import RecordingWire
from tests.unit.waitingroom.feed.test_position_frames import period, waited
from waitingroom.feed.position_frames import PositionFrames
from waitingroom.feed.watcher import MOST_UNSENT_BYTES, Watcher
from waitingroom.positions import Me
from waitingroom.states import PersonState
from waitingroom.tickets import Ticket


def me(state: str, **values: object) -> Me:
    """A position of number 7."""
    given = {
        "number": 7, "state": PersonState(state), "ahead": 0, "waiting": 1, "estimated_wait_seconds": None,
        "as_of": rfc3339(0), "next_poll_seconds": 5, "paused": False, "notice": None, "server_time": rfc3339(0),
    } | values  # fmt: skip
    return Me(**given)  # type: ignore[arg-type]


@pytest.mark.parametrize("told", ["called", "redeemed"])
async def test_a_look_from_before_the_call_does_not_take_it_back(told: str) -> None:
    """The first frame comes from SQL; a look at the line that is a second older must not say « waiting » after it."""
    ear = RecordingWire()
    watcher = Watcher("essai", Ticket("uid", 7, "visitor"), ear)
    watcher.offer(me(told))
    assert ear.last["state"] == told
    watcher.offer(me("waiting"))
    sheet = PositionFrames(period(), waited(7), 0)
    assert watcher.position(sheet, 0, 1) is None
    watcher.offer(me(told, paused=True))
    assert [(one["state"], one["type"]) for one in ear.heard] == [(told, told), (told, "paused")]


async def test_waiting_is_told_before_the_call() -> None:
    """The way forward is free: a position, then the call, though nobody read in between."""
    ear = RecordingWire()
    watcher = Watcher("essai", Ticket("uid", 7, "visitor"), ear)
    watcher.offer(me("waiting"))
    ear.waits = 1
    watcher.offer(me("called"))
    assert [(one["state"], one["type"]) for one in ear.heard] == [
        ("waiting", "position"),
        ("called", "called"),
    ]


def heard_in_ten_turns(hidden: bool) -> tuple[int, list[str]]:
    """How many positions a near watcher is told in ten turns, and what it is told of news in the turn after."""
    watcher = Watcher("essai", Ticket("uid", 7, "visitor"), RecordingWire())
    watcher.offer(me("waiting"))
    watcher.hidden = hidden
    frames = [watcher.position(PositionFrames(period(), waited(7), 0), 0, turn) for turn in range(10)]
    news = [
        watcher.position(PositionFrames(period(**new), waited(7), 0), 0, 11) for new in ({"paused": True}, {})
    ]
    return sum(frame is not None for frame in frames), [json.loads(one or b"{}").get("type") for one in news]


async def test_a_tab_that_nobody_sees_hears_a_fifth_of_the_positions_and_all_news() -> None:
    """Twin: one that somebody sees hears all."""
    assert heard_in_ten_turns(hidden=True) == (2, ["paused", "resumed"])
    assert heard_in_ten_turns(hidden=False) == (10, ["paused", "resumed"])


async def test_who_has_not_taken_a_position_gets_no_second_one_but_all_news() -> None:
    """Of positions the newest is enough, later; a pause, a message and a call are told at once."""
    ear = RecordingWire()
    watcher = Watcher("essai", Ticket("uid", 7, "visitor"), ear)
    told = []
    for waits, values in (
        (0, {}), (400, {}), (400, {"paused": True}), (400, {"paused": True, "notice": "Un instant."}), (0, {}),
    ):  # fmt: skip
        ear.waits = waits
        frame = watcher.position(PositionFrames(period(**values), waited(7), 0), 0, turn=3)
        told.append(frame and json.loads(frame)["type"])
    assert told == ["position", None, "paused", "notice", "resumed"]
    ear.waits = MOST_UNSENT_BYTES + 1
    watcher.offer(me("called"))
    assert ear.cut
