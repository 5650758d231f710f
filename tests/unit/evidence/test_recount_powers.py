"""Powers are held against their history, move by move."""

import pytest

from accounts.representatives.states import PowerMove, PowerState
from evidence.promises import Promise
from evidence.recount_powers import PowerMoveRow, PowerRow, astray

D, R, A, F, X = PowerState

M = PowerMove


def history(*moves: tuple[PowerMove, PowerState]) -> list[PowerMoveRow]:
    return [PowerMoveRow("r", move, after) for move, after in moves]


SOUND = {
    "declared": (PowerRow("r", D), history((M.DECLARE, D), (M.CORRECT, D))),
    "active": (PowerRow("r", A), history((M.DECLARE, D), (M.RECEIVE, R), (M.SIGN, R), (M.ACTIVATE, A))),
    "frozen": (PowerRow("r", F, R), history((M.DECLARE, D), (M.FREEZE, F), (M.RECEIVE, F))),
    "thawed": (PowerRow("r", D), history((M.DECLARE, D), (M.FREEZE, F), (M.THAW, D))),
    "revoked": (PowerRow("r", X), history((M.DECLARE, D), (M.REVOKE, X), (M.SIGN, X))),
}

ASTRAY = {
    "put in force": (PowerRow("r", A), history((M.DECLARE, D))),
    "no history": (PowerRow("r", A), []),
    "no such move": (PowerRow("r", D), history((M.DECLARE, D), (M.THAW, D))),
    "another state than written": (PowerRow("r", R), history((M.DECLARE, D), (M.RECEIVE, A))),
    "thaws into more": (PowerRow("r", F, A), history((M.DECLARE, D), (M.FREEZE, F))),
    "back from a revocation": (PowerRow("r", A), history((M.DECLARE, D), (M.REVOKE, X), (M.ACTIVATE, A))),
}


@pytest.mark.parametrize("name", SOUND)
def test_a_power_that_followed_its_history_is_sound(name: str) -> None:
    """From the declaration on, frozen ones with what they were."""
    row, moves = SOUND[name]
    assert astray([row], moves) == []


@pytest.mark.parametrize("name", ASTRAY)
def test_a_power_that_did_not_is_named(name: str) -> None:
    """By the random id of its row alone."""
    row, moves = ASTRAY[name]
    (broken,) = astray([row], moves)
    assert (broken.promise, broken.rows) == (Promise.P16, ["r"])
