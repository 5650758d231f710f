"""Where a change of an account's e-mail address is."""

from enum import StrEnum


class EmailChangeState(StrEnum):
    """A change waits, so that the owner of the old address can still say no."""

    WAITING = "waiting"
    """For its day, and for the new address to be confirmed."""
    DONE = "done"
    """The account has the new address."""
    CANCELLED = "cancelled"
    """Taken back from the old address or in the account, or another one was asked for."""
    TAKEN = "taken"
    """Another account has the address by now."""


MOVES = {
    EmailChangeState.WAITING: frozenset(
        {EmailChangeState.DONE, EmailChangeState.CANCELLED, EmailChangeState.TAKEN}
    ),
    EmailChangeState.DONE: frozenset[EmailChangeState](),
    EmailChangeState.CANCELLED: frozenset[EmailChangeState](),
    EmailChangeState.TAKEN: frozenset[EmailChangeState](),
}
"""From each state, those that may follow."""
