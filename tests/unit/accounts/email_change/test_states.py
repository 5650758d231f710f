"""States of a change of address."""

from accounts.email_change.states import MOVES, EmailChangeState


def test_only_what_waits_moves() -> None:
    """A change ends once."""
    assert set(MOVES) == set(EmailChangeState)
    assert [state for state, to in MOVES.items() if to] == [EmailChangeState.WAITING]
