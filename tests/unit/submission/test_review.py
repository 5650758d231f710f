"""What the pages of the ten minutes say: time left, and where a refusal leads."""

from typing import Any

import pytest

from foundation.errors import Code, Refusal, RefusalCause
from quota.ledger import Token
from quota.states import TokenState
from server.problems import TABLE
from server.rendering import forms
from submission import review
from tests.support.candidates.values import OPENS, a_period


@pytest.mark.parametrize("code", sorted(Code))
def test_every_refusal_has_words_in_the_form(code: Code) -> None:
    """Whatever a service refuses, the form says what happened, why, and what to do (P9)."""
    refusal = Refusal(code, retry_after=90)
    shown = forms.shown(refusal, TABLE[code], review.way_on(refusal, "essai"))
    assert shown.title and len(shown.sentences) >= 2
    assert bool(shown.href) == bool(shown.link)
    if code == "rate_limited":
        assert shown.sentences[-1] == "Vous pouvez réessayer dans 1 min 30 s."


@pytest.mark.parametrize("cause", [RefusalCause.SESSION_OF_ANOTHER, RefusalCause.BOUND_TO_ANOTHER])
def test_a_token_of_another_account_leads_to_no_other_page(cause: RefusalCause) -> None:
    """The sign-in that shows it is where its own account goes on."""
    assert review.way_on(Refusal(Code.TOKEN_USED, cause=cause), "essai") == forms.WayOn()
    assert review.way_on(Refusal(Code.TOKEN_USED), "essai") != forms.WayOn()


@pytest.mark.parametrize(
    ("left_ms", "paused", "warning", "over"),
    [
        (600_000, False, "", False),
        (120_001, False, "", False),
        (120_000, False, "2 minutes", False),
        (60_000, False, "1 minute", False),
        (60_000, True, "", False),
        (0, False, "", True),
    ],
)
def test_the_warnings_come_at_two_minutes_and_at_one(
    left_ms: int, paused: bool, warning: str, over: bool
) -> None:
    """Also without scripts: a page that is loaded late warns at once, and not while the clock stands still."""
    clock = review.TimeLeft(left_ms, 0, paused)
    assert (clock.warning, clock.over) == (warning, over)


def a_token(state: TokenState = TokenState.LIVE, ends: int = 600_000) -> Token:
    return Token(
        number=7, state=state, account=1, call=None, called_at=OPENS, called_clock=0, ends=ends, jti="j", receipt=None
    )  # fmt: skip


@pytest.mark.parametrize(
    ("period", "token", "left_ms", "paused"),
    [
        ({}, a_token(), 600_000, False),
        ({"clock": 590_000}, a_token(), 10_000, False),
        ({"clock": 700_000}, a_token(), 0, False),
        ({"clock": 590_000, "paused": True}, a_token(), 10_000, True),
        ({"clock": 590_000, "suspended": True}, a_token(), 10_000, True),
        ({}, a_token(TokenState.LAPSED), 0, False),
        ({}, a_token(TokenState.USED), 0, False),
    ],
)
def test_the_time_left_is_that_of_the_service_clock(
    period: dict[str, Any], token: Token, left_ms: int, paused: bool
) -> None:
    """It stands while the room is paused or suspended, and a token that is not live has none."""
    clock = review.time_left(a_period(ticked_at=OPENS, **period), token, OPENS)
    assert (clock.left_ms, clock.paused, clock.over) == (left_ms, paused, left_ms == 0)
