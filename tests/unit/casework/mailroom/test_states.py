"""The one table of an item's moves."""

import pytest

from casework.mailroom.states import (
    KINDS,
    MOVES,
    MOVES_TOLD,
    STATES,
    MailItemState,
    MailKind,
    MailMove,
    moved,
)


def test_every_member_has_its_french() -> None:
    """Kinds, states and moves."""
    assert (set(KINDS), set(STATES), set(MOVES_TOLD)) == (set(MailKind), set(MailItemState), set(MailMove))


@pytest.mark.parametrize("state", MailItemState)
def test_what_has_left_is_not_undone(state: MailItemState) -> None:
    """An item that is still here can be undone, once; one that left cannot."""
    can = state not in {MailItemState.RETURNED, MailItemState.UNDONE}
    assert (moved(state, MailMove.UNDO) is MailItemState.UNDONE) == can


def test_nothing_is_accepted_that_fits_no_file() -> None:
    """The way from the pen leads by a match; nothing ends undone and goes on."""
    assert moved(MailItemState.RECEIVED, MailMove.ACCEPT) is None
    assert moved(MailItemState.RECEIVED, MailMove.MATCH) is MailItemState.MATCHED
    assert not [move for (state, move) in MOVES if state is MailItemState.UNDONE]
