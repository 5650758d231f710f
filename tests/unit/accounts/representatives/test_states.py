"""The table of moves of a power: what may follow what, and nothing else."""

from typing import get_args, get_type_hints

import pytest

from accounts.representatives import states
from accounts.representatives.states import (
    LIVE,
    MOVES,
    OF_THE_MAIL,
    PowerMove,
    PowerPosition,
    PowerState,
    RepresentativeKind,
    moved,
)
from quota.programmes import RepresentativeRules

D, R, A, F, X = PowerState

AT = {
    "declared": PowerPosition(D), "received": PowerPosition(R), "active": PowerPosition(A),
    "frozen declared": PowerPosition(F, D), "frozen received": PowerPosition(F, R),
    "frozen active": PowerPosition(F, A), "revoked": PowerPosition(X),
}  # fmt: skip

LEADS = {
    "declared": {"correct": "declared", "receive": "received", "activate": "active", "return": "declared",
                 "freeze": "frozen declared", "revoke": "revoked", "sign": "declared"},
    "received": {"activate": "active", "return": "declared", "undo_receipt": "declared", "freeze": "frozen received",
                 "revoke": "revoked", "sign": "received"},
    "active": {"undo_receipt": "declared", "freeze": "frozen active", "revoke": "revoked", "sign": "active"},
    "frozen declared": {"receive": "frozen received", "activate": "frozen active", "return": "frozen declared",
                        "thaw": "declared", "revoke": "revoked"},
    "frozen received": {"activate": "frozen active", "return": "frozen declared", "undo_receipt": "frozen declared",
                        "thaw": "received", "revoke": "revoked"},
    "frozen active": {"undo_receipt": "frozen declared", "thaw": "active", "revoke": "revoked"},
    "revoked": {},
}  # fmt: skip
"""Every move that there is; all others are none."""


@pytest.mark.parametrize("move", PowerMove)
@pytest.mark.parametrize("here", AT)
def test_each_move_leads_where_the_table_says(here: str, move: PowerMove) -> None:
    """From each state, frozen ones with what they were, by each move: one place or none."""
    there = LEADS[here].get(move)
    assert moved(AT[here], move) == (None if there is None else AT[there])


def test_nothing_comes_back_from_a_revocation() -> None:
    """A power that is over has no move; one that is live may always be ended."""
    assert not [move for move in PowerMove if moved(PowerPosition(X), move)]
    assert all(moved(PowerPosition(one, D), PowerMove.REVOKE) == PowerPosition(X) for one in LIVE)


def test_only_mail_and_payment_put_a_power_in_force() -> None:
    """No other move of the table ends in « active »; a signature changes no state."""
    assert {move for (before, move), after in MOVES.items() if after is A and before is not A} == {
        PowerMove.ACTIVATE
    }
    assert PowerMove.ACTIVATE in OF_THE_MAIL
    assert all(before is after for (before, move), after in MOVES.items() if move is PowerMove.SIGN)


def test_every_word_has_its_french() -> None:
    """Kinds, states, moves and reasons: none is without a sentence for the candidate."""
    assert set(states.KINDS) == set(RepresentativeKind)
    assert set(states.STATES) == set(PowerState)
    assert set(states.MOVES_TOLD) == set(PowerMove)
    assert set(states.RETURN_REASONS) == set(states.ReturnReason)


def test_a_programme_names_kinds_that_there_are() -> None:
    """What `may_sign` of a programme file may say is each kind, and no other word."""
    (names,) = get_args(get_type_hints(RepresentativeRules)["may_sign"])
    assert set(get_args(names)) == {kind.value for kind in RepresentativeKind}
    assert RepresentativeRules().may_sign == {"lawyer"}
