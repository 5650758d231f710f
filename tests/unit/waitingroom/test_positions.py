"""The `me` object, from what was read."""

import time
from typing import Any

import pytest

from foundation.clock import rfc3339
from quota.ledger import Token
from quota.states import TokenState
from tests.support.rooms import KEYS
from tests.unit.waitingroom.test_states import OPENS, period
from waitingroom import positions
from waitingroom.joins.proof_of_work import WAIT_MS
from waitingroom.line.looks import Look
from waitingroom.line.snapshot import Snapshot, bitmap
from waitingroom.positions import KnownToken, entered, entry_poll_seconds, poll_seconds, shown, told
from waitingroom.states import PersonState
from waitingroom.tokens import Tokens

NOW = OPENS + 60_000


def look(*present: int, **state: str) -> Look:
    bits = bitmap(present)
    return Look(Snapshot.of(0, max(present, default=0), state, bits, b"", [bits]), time.monotonic())


def token(state: TokenState, account: int | None = None) -> Token:
    return Token(
        number=7, state=state, account=account, call=1, called_at=NOW, called_clock=0, ends=600_000, jti="j",
        receipt="R" if state == TokenState.USED else None,
    )  # fmt: skip


def known(row: Token) -> KnownToken:
    return KnownToken(period(state="open"), row, look(8, 9), NOW, Tokens(KEYS, "http://guichet.test"))


@pytest.mark.parametrize(
    ("state", "account", "person", "has_token"),
    [
        (TokenState.LIVE, None, PersonState.CALLED, True),
        (TokenState.LIVE, 3, PersonState.REDEEMED, True),
        (TokenState.USED, 3, PersonState.SUBMITTED, False),
        (TokenState.LAPSED, None, PersonState.LAPSED, False),
        (TokenState.LAPSED, 3, PersonState.LAPSED, False),
        (TokenState.LEFT, None, PersonState.LEFT, False),
        (TokenState.CANCELLED, 3, PersonState.ANNULLED, False),
    ],
)
def test_a_row_says_what_became_of_a_number(
    state: TokenState, account: int | None, person: PersonState, has_token: bool
) -> None:
    """From the call onwards; only a token that lives is shown, with its end."""
    me = told(known(token(state, account)))
    assert (me.state, me.number, me.ahead, me.waiting) == (person, 7, 0, 2)
    assert (me.token is not None, me.expires_at is not None) == (has_token, has_token)
    assert me.next_poll_seconds == (5 if has_token else 20)
    assert me.receipt == ("R" if person is PersonState.SUBMITTED else None)


@pytest.mark.parametrize(
    ("values", "person", "ahead", "waits"),
    [
        ({"state": "open"}, PersonState.WAITING, 2, True),
        ({"state": "open", "paused": True}, PersonState.WAITING, 2, False),
        ({"state": "open", "suspended": True}, PersonState.WAITING, 2, False),
        ({"state": "open", "calls_per_minute": 0}, PersonState.WAITING, 2, False),
        ({"state": "closed"}, PersonState.DRAINED, 0, False),
        ({"state": "cap_reached"}, PersonState.DRAINED, 0, False),
    ],
)
def test_a_number_that_was_never_called_waits_until_the_end(
    values: dict[str, Any], person: PersonState, ahead: int, waits: bool
) -> None:
    """While calls stand still no wait is foretold."""
    me = shown(period(**values), look(1, 2, 3), 3, NOW)
    assert (me.state, me.ahead) == (person, ahead)
    assert (me.estimated_wait_seconds is not None) is waits


def test_one_who_joined_after_the_look_is_counted_too() -> None:
    """Nobody is shown a line that is shorter than what stands in front of them."""
    me = shown(period(state="open"), look(1, 2, 3), 6, NOW)
    assert (me.ahead, me.waiting) == (5, 6)
    assert shown(period(state="open"), None, 6, NOW).waiting == 1


@pytest.mark.parametrize(
    ("values", "owes", "person", "proof"),
    [
        ({"state": "armed"}, 0, PersonState.ENTERED, False),
        ({"state": "armed"}, NOW, PersonState.ENTERED, True),
        ({"state": "armed", "entries": 9}, 0, PersonState.ENTERED, False),
        ({"state": "armed", "entries": 9}, NOW, PersonState.LATE, True),
        ({"state": "closed"}, NOW, PersonState.DRAINED, False),
    ],
)
def test_an_entry_is_in_the_draw_or_late(
    values: dict[str, Any], owes: int, person: PersonState, proof: bool
) -> None:
    """Late is an entry that owed its proof when entries were counted; at the end nothing is asked any more."""
    me = entered(period(mode="draw", **values), 4, look(entry_seq="6"), NOW, owes)
    assert (me.state, me.entry, me.number) == (person, 4, None)
    assert bool(me.proof) is proof
    assert me.entries == values.get("entries", 6)


def test_what_is_owed_names_the_challenge_and_the_end_of_the_wait() -> None:
    """The work, or a minute."""
    owed = positions.owing(period(), NOW)
    assert owed.challenge == "/api/v1/periods/essai/challenge"
    assert owed.wait_until == rfc3339(NOW + WAIT_MS)


@pytest.mark.parametrize(("ahead", "pace", "seconds"), [(0, 60, 2), (100, 60, 10), (1e6, 60, 20), (5, 0, 20)])
def test_polls_are_rarer_far_away_and_never_too_rare_for_presence(
    ahead: float, pace: int, seconds: int
) -> None:
    """A tenth of the way, between 2 and 20 s."""
    assert poll_seconds(int(ahead), pace) == seconds


@pytest.mark.parametrize(
    ("entry", "before", "seconds"), [(1, True, 20), (1, False, 5), (8_000, False, 7), (10**6, False, 20)]
)
def test_entries_come_back_spread_over_seconds(entry: int, before: bool, seconds: int) -> None:
    """All of them wait for the same draw."""
    assert entry_poll_seconds(entry, before) == seconds


@pytest.mark.parametrize("state", list(TokenState))
def test_in_an_annulled_period_everybody_is_told_so(state: TokenState) -> None:
    """Whatever their number had come to, also without a row, and an entry of a draw; nobody is given a token."""
    row = period(state="annulled", annulled_at=NOW)
    me = told(KnownToken(row, token(state), look(8), NOW, Tokens(KEYS, "http://guichet.test")))
    assert (me.state, me.token, me.expires_at) == (PersonState.ANNULLED, None, None)
    assert shown(row, look(8), 8, NOW).state is PersonState.ANNULLED
    assert entered(row, 3, look(8), NOW).state is PersonState.ANNULLED
