"""What a socket is told goes forward only: waiting, called, and what comes of it."""

import pytest

from quota.clock import rfc3339
from waitingroom.feed import Watcher
from waitingroom.me import Me
from waitingroom.tickets import Ticket


def me(state: str, **values: object) -> Me:
    """A position of number 7."""
    given = {
        "number": 7, "state": state, "ahead": 0, "waiting": 1, "estimated_wait_seconds": None, "as_of": rfc3339(0),
        "next_poll_seconds": 5, "paused": False, "notice": None, "server_time": rfc3339(0),
    } | values  # fmt: skip
    return Me(**given)  # type: ignore[arg-type]


@pytest.mark.parametrize("told", ["called", "redeemed"])
async def test_a_look_from_before_the_call_does_not_take_it_back(told: str) -> None:
    """The first frame comes from SQL; a look at the line that is a second older must not say « waiting » after it."""
    watcher = Watcher("essai", Ticket("uid", 7, "visitor"))
    watcher.offer(me(told))
    assert (await sent(watcher)).state == told
    watcher.offer(me("waiting"))
    watcher.offer(me(told, paused=True))
    assert ((await sent(watcher)).state, watcher.last) == (told, me(told, paused=True))


async def test_waiting_is_told_before_the_call() -> None:
    """The way forward is free: a position, then the call, though nobody read in between."""
    watcher = Watcher("essai", Ticket("uid", 7, "visitor"))
    watcher.offer(me("waiting"))
    watcher.offer(me("called"))
    frame = await watcher.next()
    assert frame is not None
    assert (frame.state, frame.type) == ("called", "called")


async def sent(watcher: Watcher) -> Me:
    frame = await watcher.next()
    assert frame is not None
    return frame
