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
    assert watcher.position(sheet, 0, due=True) is None
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


async def test_who_is_not_due_hears_of_all_news_and_of_nothing_else() -> None:
    """Twin: who is due hears a position with nothing new in it."""
    watcher = Watcher("essai", Ticket("uid", 7, "visitor"), RecordingWire())
    watcher.offer(me("waiting"))
    said = [
        watcher.position(PositionFrames(period(**values), waited(7), 0), 0, due)
        for due, values in (
            (False, {}),
            (True, {}),
            (False, {"paused": True}),
            (False, {"paused": True}),
            (False, {}),
        )
    ]
    assert [frame and json.loads(frame)["type"] for frame in said] == [
        None,
        "position",
        "paused",
        None,
        "resumed",
    ]


async def test_who_has_not_taken_a_position_gets_no_second_one_but_all_news() -> None:
    """Of positions the newest is enough, later; a pause, a message and a call are told at once."""
    ear = RecordingWire()
    watcher = Watcher("essai", Ticket("uid", 7, "visitor"), ear)
    told = []
    for waits, values in (
        (0, {}), (400, {}), (400, {"paused": True}), (400, {"paused": True, "notice": "Un instant."}), (0, {}),
    ):  # fmt: skip
        ear.waits = waits
        frame = watcher.position(PositionFrames(period(**values), waited(7), 0), 0, due=True)
        told.append(frame and json.loads(frame)["type"])
    assert told == ["position", None, "paused", "notice", "resumed"]
    ear.waits = MOST_UNSENT_BYTES + 1
    watcher.offer(me("called"))
    assert ear.cut
