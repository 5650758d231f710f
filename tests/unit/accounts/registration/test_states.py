"""The words of registration that are one of a few."""

from accounts.registration.states import MOVES, AccountState


def test_a_closed_account_never_opens_again() -> None:
    """An account may be closed, and nothing follows that."""
    assert {AccountState.ACTIVE: {AccountState.CLOSED}, AccountState.CLOSED: frozenset()} == MOVES
