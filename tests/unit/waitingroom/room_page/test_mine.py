"""What a page shows of one person, and the page that is filled with it."""

import re
import time
from typing import Any

import msgspec
import pytest

from config.assets import renderer
from quota.store import Period
from server.rendering.blanks import OPENS
from server.rendering.compression import Coding
from server.requests import Incoming
from tests.unit.server.rendering.test_compression import read
from tests.unit.waitingroom.feed.test_position_frames import period
from waitingroom import states
from waitingroom.line.looks import Look, Looks
from waitingroom.line.snapshot import Snapshot, bitmap
from waitingroom.position_reader import Standing
from waitingroom.positions import Me, shown
from waitingroom.room_page import mine
from waitingroom.room_page import page as page_module
from waitingroom.room_page.mine import mine_of
from waitingroom.room_page.page import RoomPage
from waitingroom.states import PageState
from waitingroom.tickets import Ticket

NOW = 1_780_000_000_123

MONTH = 30 * 86_400_000


class OneLook(Looks):
    """One look at one line, taken a quarter of a second ago."""

    def __init__(self, *present: int, seen: float | None = None) -> None:
        bits = bitmap(present)
        self.look_ = Look(
            Snapshot.of(0, max(present), {}, bits, b"", [bits]), time.monotonic() - 0.25, per_minute=seen
        )

    def last(self, uid: str) -> Look:
        return self.look_


def standing(row: Period, look: Look, ticket: Ticket) -> Standing:
    return Standing(row, look, look.snapshot.ahead(ticket.number))


def came(coding: str = "") -> Incoming:
    return Incoming({"path": "/periodes/essai", "headers": [(b"accept-encoding", coding.encode())]})


@pytest.mark.parametrize("number", [1, 2, 999, 1000, 12_345, 60_001])
@pytest.mark.parametrize("entry", [0, 4_321])
@pytest.mark.parametrize(
    ("values", "seen"),
    [
        ({}, None),
        ({}, 4.0),
        ({"paused": True, "paused_at": NOW - 60_000}, None),
        (
            {"suspended": True, "notice": "Une « panne » d'électricité : 5 % <b>&amp; \\u003c %(number)b"},
            None,
        ),
        ({"notice": "\ue000number\ue001 \ue000nothing\ue001"}, None),
        ({"calls_per_minute": 0}, None),
        ({"calls_per_minute": 6000}, None),
    ],
)
def test_a_filled_page_is_the_page_that_is_rendered_for_one(
    monkeypatch: pytest.MonkeyPatch, number: int, entry: int, values: dict[str, Any], seen: float | None
) -> None:
    """Byte for byte: whoever waits sees the same, whichever way it was made."""
    for module in (mine, page_module):
        if hasattr(module, "now_ms"):
            monkeypatch.setattr(module, "now_ms", lambda: NOW)
    looks = OneLook(1, 2, 999, 5_000, 60_000, seen=seen)
    looks.look_ = looks.look_._replace(
        looked=time.monotonic() + 3600
    )  # its age is asked twice, and is 0 both times
    monkeypatch.setattr(Look, "age_seconds", lambda _self: 0.25)
    row = period(
        opens_at=NOW - MONTH, closes_at=NOW + MONTH, cap=5073, programme="essai", ordinal=1, **values
    )
    page = RoomPage(renderer(), looks, {"essai": "Programme d’essai"})
    ticket = Ticket(row.uid, number, "visitor", entry)
    me = shown(row, looks.look_, number, NOW)
    one = page.place(
        came(), row, PageState.WAITING, number=number, mine=mine_of(ticket, me, PageState.WAITING, NOW),
        paused=me.paused, notice=me.notice, soon=not me.paused and states.is_soon(me.estimated_wait_seconds, me.ahead),
    )  # fmt: skip
    for coding in ("", "br", "zstd", "gzip"):
        filled = page.waiting(came(coding), standing(row, looks.look_, ticket), ticket)
        assert read(filled.body, Coding(coding or "identity")) == one.body


def test_nothing_of_one_person_is_in_the_page_of_the_next() -> None:
    """A blank holds marks where a person's texts go, and no person's texts."""
    looks = OneLook(1, 2, 999, 60_000)
    row = period(opens_at=NOW - MONTH, closes_at=NOW + MONTH, cap=5073, programme="essai", ordinal=1)
    page = RoomPage(renderer(), looks, {"essai": "Programme d’essai"})
    first, second = (
        page.waiting(came(), standing(row, looks.look_, ticket), ticket).body.decode()
        for ticket in (Ticket(row.uid, number, "v") for number in (41_414, 52_525))
    )
    assert "41\u00a0414" in first
    assert "41\u00a0414" not in second
    assert not re.search(r"4141[34]|41\u00a041[34]", second)
    assert OPENS not in first


@pytest.mark.parametrize("text", ["<script>", "a & b", "l'heure", "'>\"", "\u2028"])
def test_no_text_ends_the_attribute(text: str) -> None:
    """JSON may escape any sign: what means something in markup is written so, and reads the same."""
    me = Me(
        number=1, state=states.PersonState.WAITING, ahead=0, waiting=1, estimated_wait_seconds=None, as_of="",
        next_poll_seconds=2, paused=False, notice=text, server_time="",
    )  # fmt: skip
    written = mine.in_attribute(msgspec.json.encode(me))
    assert not set(b"<>&'") & set(written)
    assert msgspec.json.decode(written, type=Me) == me
