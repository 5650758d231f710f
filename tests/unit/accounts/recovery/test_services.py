"""Requests are counted by where they come from."""

import pytest

from accounts.recovery import services
from accounts.recovery.services import RecoveryBudgets, tokens_of
from foundation.errors import Refusal


def test_one_address_has_so_many_requests() -> None:
    """Another one has its own; switched off nothing is counted."""
    budgets = RecoveryBudgets(True)
    for _ in range(int(services.ADDRESS.at_once)):
        budgets.charge("192.0.2.7")
    with pytest.raises(Refusal):
        budgets.charge("192.0.2.7")
    budgets.charge("198.51.100.7")
    for _ in range(1_000):
        RecoveryBudgets(False).charge("192.0.2.7")


def test_tokens_are_found_under_every_key() -> None:
    """A key that is no longer the first still finds what it made."""
    old, new = tokens_of(["one"]), tokens_of(["two", "one"])
    assert old.stored("token") in new.sought("token")
