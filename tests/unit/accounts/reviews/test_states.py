"""Words of reviews, and the moves between their states."""

import pytest

from accounts.reviews.states import (
    ACTS,
    DECIDING,
    DECISIONS,
    KINDS,
    MOVES,
    STATES,
    Decision,
    ReviewAct,
    ReviewKind,
    ReviewState,
    moved,
)

CASES = [
    (ReviewState.OPEN, ReviewAct.CONFIRMED, ReviewState.DECIDED),
    (ReviewState.OPEN, ReviewAct.DISMISSED, ReviewState.DECIDED),
    (ReviewState.OPEN, ReviewAct.ASKED, ReviewState.WAITING),
    (ReviewState.WAITING, ReviewAct.REQUESTED, ReviewState.OPEN),
    (ReviewState.DECIDED, ReviewAct.REQUESTED, ReviewState.OPEN),
    (ReviewState.DECIDED, ReviewAct.UNDONE, ReviewState.OPEN),
    (ReviewState.DECIDED, ReviewAct.CONFIRMED, None),
    (ReviewState.DECIDED, ReviewAct.DISMISSED, None),
    (ReviewState.OPEN, ReviewAct.UNDONE, None),
    (ReviewState.OPEN, ReviewAct.OPENED, None),
]


@pytest.mark.parametrize(("state", "act", "target"), CASES, ids=[f"{state}-{act}" for state, act, _ in CASES])
def test_moves_are_those_of_the_table(state: ReviewState, act: ReviewAct, target: ReviewState | None) -> None:
    """A decided review is decided again only after it was undone, asked for, or looked at again."""
    assert moved(state, act) is target


def test_every_word_has_its_french() -> None:
    """Each kind, state, act and decision is read somewhere; each act but the first is a move."""
    assert set(KINDS) == set(ReviewKind)
    assert set(STATES) == set(ReviewState)
    assert set(ACTS) == set(ReviewAct)
    assert set(DECISIONS) == {(kind, decision) for kind in ReviewKind for decision in Decision}
    assert set(MOVES) == set(ReviewAct) - {ReviewAct.OPENED}
    assert set(DECIDING) <= set(MOVES)
