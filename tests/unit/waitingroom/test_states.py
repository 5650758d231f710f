"""The room page's states, and the words it makes of figures."""

from typing import Any

import pytest

from quota.store import Period
from waitingroom import states
from waitingroom.device import FAMILIES
from waitingroom.states import PageState, PersonState

MINUTE_MS = 60_000

OPENS = 1_465_821_000_000
"""13 June 2016, 8:30 in Montréal."""


def period(**values: Any) -> Period:
    row: dict[str, Any] = {
        "uid": "0", "id": "essai", "programme": "demo", "ordinal": 1, "state": "armed", "paused": False,
        "suspended": False, "paused_at": None, "ended_at": None, "opens_at": OPENS, "closes_at": OPENS + 60 * MINUTE_MS,
        "cap": 50, "held": 0, "accepted": 0, "calls_per_minute": 60, "most_live_tokens": 9, "token_seconds": 600,
        "accounts_created_before": None, "pay_days": 30, "notice": None, "clock": 0, "ticked_at": 0, "next_call": 0,
        "epoch": 0, "mark": 0, "version": 0, "person_key": "k",
    }  # fmt: skip
    return Period(**(row | values))


@pytest.mark.parametrize(
    ("state", "after_opening_ms", "shown"),
    [
        ("announced", -1, "announced"),
        ("armed", -1, "announced"),
        ("announced", 0, "delayed"),
        ("armed", 0, "open"),
        ("open", 1, "open"),
        ("open", 60 * MINUTE_MS, "closed"),
        ("cap_reached", 1, "quota_reached"),
        ("closed", 1, "closed"),
    ],
)
def test_the_door_stands_as_the_schedule_says(state: str, after_opening_ms: int, shown: str) -> None:
    """Armed periods open and open ones end at their instants, ticked or not; one that is not armed is late."""
    assert states.before_ticket(period(state=state), OPENS + after_opening_ms) == shown


@pytest.mark.parametrize(("state", "shown"), [("cap_reached", "quota_reached"), ("closed", "closed")])
def test_drained_says_why(state: str, shown: str) -> None:
    """Whoever waited when the room drained reads whether the quota was reached or the period ended."""
    assert states.with_ticket(period(state=state), PersonState.DRAINED, OPENS + 1) == shown


def test_moving_pages_ask_again_in_under_20_seconds() -> None:
    """Without scripts every state that moves is refreshed before a poll would be late; days before, in peace."""
    soon = OPENS - MINUTE_MS
    for state in ("announced", "delayed", "waiting", "called", "redeemed", "down"):
        seconds = states.refresh_seconds(PageState(state), period(), soon)
        assert seconds is not None and 5 <= seconds < 20, state
    assert states.refresh_seconds(PageState.ANNOUNCED, period(), OPENS - 24 * 60 * MINUTE_MS) == 300
    for state in ("open", "submitted", "lapsed", "left", "quota_reached", "closed", "device_refused"):
        assert states.refresh_seconds(PageState(state), period(), soon) is None, state


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0, 0, "moins d’une minute"),
        (0, 60, "moins d’une minute"),
        (30, 61, "moins de 2 min"),
        (60, 60, "moins d’une minute"),
        (300, 300, "environ 5 min"),
        (17 * 60, 23 * 60, "entre 17 et 23 minutes"),
        (61, 119, "entre 1 et 2 minutes"),
        (52 * 60, 71 * 60, "entre 50 min et 1 h 15"),
        (3600, 7200, "entre 1 h et 2 h"),
        (3600, 3600, "environ 1 h"),
    ],
)
def test_a_range_of_time_reads_as_people_say_it(low: int, high: int, words: str) -> None:
    """Ranges are rounded outwards: nobody is promised more than the figures say."""
    assert states.wait_words(low, high) == words


def test_soon_is_two_minutes_of_calls() -> None:
    """With no estimate yet, only the next in line is asked to get ready."""
    assert states.is_soon((30, 120), 100)
    assert not states.is_soon((30, 121), 100)
    assert states.is_soon(None, 0)
    assert not states.is_soon(None, 1)


def test_every_state_has_a_title_and_a_shape() -> None:
    """State is in title and favicon, so every state has both; and every kind of device has its French name."""
    assert states.TITLES.keys() == states.ICONS.keys()
    assert states.DEVICES.keys() == FAMILIES
