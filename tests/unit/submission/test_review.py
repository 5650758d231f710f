"""What the pages of the ten minutes say: time left, and where a refusal leads."""

import pytest

from foundation.errors import Code, Refusal
from server import forms
from server.problems import TABLE
from submission import review


@pytest.mark.parametrize("code", sorted(Code))
def test_every_refusal_has_words_in_the_form(code: Code) -> None:
    """Whatever a service refuses, the form says what happened, why, and what to do (P9)."""
    refusal = Refusal(code, retry_after=90)
    shown = forms.shown(refusal, TABLE[code], review.way_on(refusal, "essai"))
    assert shown.title and len(shown.sentences) >= 2
    assert bool(shown.href) == bool(shown.link)
    if code == "rate_limited":
        assert shown.sentences[-1] == "Vous pouvez réessayer dans 1 min 30 s."


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
