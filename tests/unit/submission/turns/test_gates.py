"""The gate of the ten minutes, case by case."""

import pytest

from foundation.errors import Refusal
from quota.ledger import Token
from quota.states import TokenState
from submission.turns import gates
from submission.turns.turn import CandidateTurn
from tests.unit.evidence.sound_books import a_period


def turn(state: TokenState | None, *, has_ticket: bool = True, jti: str | None = "j") -> CandidateTurn:
    token = None if state is None else Token(
        number=7, state=state, account=None, call=1, called_at=1, called_clock=0, ends=600_000, jti=jti, receipt=None
    )  # fmt: skip
    return CandidateTurn(period=a_period(), token=token, session=None, has_ticket=has_ticket)


@pytest.mark.parametrize(
    ("state", "sent", "is_open"),
    [
        (TokenState.LIVE, False, True),
        (TokenState.LIVE, True, True),
        (TokenState.LAPSED, False, False),
        (TokenState.LAPSED, True, True),
        (TokenState.LEFT, False, False),
        (None, False, False),
        (None, True, False),
    ],
    ids=str,
)
def test_only_a_live_token_opens_and_a_form_of_one_that_ended_keeps_what_was_typed(
    state: TokenState | None, sent: bool, is_open: bool
) -> None:
    """An address alone leads to the room; a form that was filled in while the token lived is answered (P12)."""
    found = gates.closed(turn(state), sent=sent)
    assert (found is None) == is_open
    if found is not None:
        assert (found.status, dict(found.headers)[b"location"]) == (303, b"/periodes/demo")


def test_a_number_that_left_before_its_call_has_nothing_to_keep() -> None:
    """Its row has no token: there was no form."""
    assert gates.closed(turn(TokenState.LEFT, jti=None), sent=True) is not None


def test_a_browser_without_a_number_is_told_so_when_it_sends_something() -> None:
    """Its cookies went while the page was open; an address alone leads to the door."""
    with pytest.raises(Refusal, match="no_ticket"):
        gates.closed(turn(None, has_ticket=False), sent=True)
    found = gates.closed(turn(None, has_ticket=False))
    assert found is not None and dict(found.headers)[b"location"] == b"/periodes/demo?retour=1"
