"""The page of a browser without a number: the same for all in the same state, and for nobody else."""

from types import SimpleNamespace

import pytest

from config.assets import renderer
from server.requests import Incoming
from tests.unit.waitingroom.feed.test_position_frames import period
from tests.unit.waitingroom.room_page.test_mine import MONTH, NOW, OneLook
from waitingroom.device import Verdict
from waitingroom.room_page.page import Door, RoomPage
from waitingroom.states import PageState

COMPUTER = Verdict(True, "windows", "computer", {"user_agent": "A"})

ALIKE = Verdict(True, "windows", "computer", {"user_agent": "B"})

TABLET = Verdict(False, "tablet", "tablet", {"user_agent": "A"})


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> RoomPage:
    """On a machine that is busy a page may be older than it lasts when it is asked for again: here no time passes."""
    monkeypatch.setattr("server.rendering.page_answers.time", SimpleNamespace(monotonic=lambda: 0.0))
    return RoomPage(renderer(), OneLook(1, 2, 3), {"essai": "Programme d’essai"})


ROW = period(opens_at=NOW - MONTH, closes_at=NOW + MONTH, cap=5073, programme="essai", ordinal=1)


def shown(page: RoomPage, door: Door) -> bytes:
    """As it is, without a coding."""
    return page.door(Incoming({"path": "/periodes/essai", "headers": []}), ROW, door).body


def test_who_is_in_the_same_state_gets_the_same_page(page: RoomPage) -> None:
    """The very same bytes: what is kept of a device as evidence is on no page."""
    first = shown(page, Door(PageState.OPEN, COMPUTER))
    assert shown(page, Door(PageState.OPEN, ALIKE)) is first


@pytest.mark.parametrize(
    "door",
    [
        Door(PageState.OPEN, TABLET),
        Door(PageState.OPEN, COMPUTER, pressed=True),
        Door(PageState.FORGOTTEN, COMPUTER, returning=True),
        Door(PageState.COOKIES_REFUSED, COMPUTER),
        Door(PageState.UNRECOGNISED, COMPUTER),
    ],
)
def test_another_state_is_another_page(page: RoomPage, door: Door) -> None:
    """Whatever was shown before."""
    before = shown(page, Door(PageState.OPEN, COMPUTER))
    assert shown(page, door) != before
    assert shown(page, Door(PageState.OPEN, COMPUTER)) == before


def test_a_status_goes_with_its_page(page: RoomPage) -> None:
    """A device that is refused after the button gets the page with 403."""
    came = Incoming({"path": "/periodes/essai", "headers": []})
    answer = page.door(
        came, ROW, Door(PageState.DEVICE_REFUSED, TABLET, status=403), ((b"set-cookie", b"a=b"),)
    )
    assert (answer.status, answer.headers) == (403, ((b"set-cookie", b"a=b"),))
