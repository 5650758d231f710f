"""Claims of the exempt streams: the pure table of their moves."""

import pytest

from submission.exempt.states import (
    BY_AGENTS,
    CLAIM_ACTS,
    CLAIM_STATES,
    MOVES,
    STANDING,
    ExemptClaimAct,
    ExemptClaimState,
    decisions,
    moved,
)

A, S = ExemptClaimAct, ExemptClaimState


@pytest.mark.parametrize(
    ("state", "act", "target"),
    [
        (S.DECLARED, A.ACCEPT, S.ACCEPTED), (S.DECLARED, A.REFUSE, S.REFUSED), (S.DECLARED, A.SUBMIT, None),
        (S.DECLARED, A.WITHDRAW, S.WITHDRAWN), (S.ACCEPTED, A.SUBMIT, S.USED), (S.ACCEPTED, A.REFUSE, S.REFUSED),
        (S.ACCEPTED, A.REMOVE, None), (S.REFUSED, A.ACCEPT, S.ACCEPTED), (S.REFUSED, A.SUBMIT, None),
        (S.WITHDRAWN, A.ACCEPT, None), (S.USED, A.WITHDRAW, None), (S.USED, A.REMOVE, S.REMOVED),
        (S.USED, A.SUBMIT, None), (S.REMOVED, A.REINSTATE, S.USED), (S.REMOVED, A.SUBMIT, None),
    ],
)  # fmt: skip
def test_moves(state: ExemptClaimState, act: ExemptClaimAct, target: ExemptClaimState | None) -> None:
    """Nobody submits with a claim that no agent accepted; what was decided is undone by another decision alone."""
    assert moved(state, act) == target


def test_every_word_has_its_french() -> None:
    """States and decisions are read on pages; each act has a move; what a person withdrew nobody decides."""
    assert set(CLAIM_STATES) == set(S)
    assert set(CLAIM_ACTS) == set(BY_AGENTS)
    assert set(MOVES) == set(A)
    assert [state for state in S if not decisions(state)] == [S.WITHDRAWN]
    assert set(STANDING) == {S.DECLARED, S.ACCEPTED, S.USED}
