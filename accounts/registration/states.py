"""Words of registration that are one of a few."""

from enum import StrEnum


class AccountState(StrEnum):
    """What an account may still do."""

    ACTIVE = "active"
    """Signs in, fills in, submits."""
    CLOSED = "closed"
    """Ended by a person's decision or its owner's wish: nobody signs in with it any more."""


MOVES = {
    AccountState.ACTIVE: frozenset({AccountState.CLOSED}),
    AccountState.CLOSED: frozenset[AccountState](),
}
"""From each state, those that may follow."""


class RegistrationStep(StrEnum):
    """Where a registration stands that waits for its address to be confirmed."""

    WAITING = "waiting"
    """A message went to the address; whoever reads it has not confirmed it yet."""
    UNANSWERABLE = "unanswerable"
    """The address has an account already: its owner was told, and nothing confirms this one. From outside it is as any
    other that waits."""
    CONFIRMED = "confirmed"
    """It has become an account, and what it held was wiped here."""
