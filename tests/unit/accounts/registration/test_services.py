"""Registrations and codes are counted by network."""

import pytest

from accounts.registration import services
from accounts.registration.services import RegistrationBudgets
from foundation.errors import Refusal


def test_an_address_has_so_many_and_its_neighbours_have_their_own() -> None:
    """Beyond them 429 with when to come back; switched off, nobody is counted."""
    budgets = RegistrationBudgets(True)
    for _ in range(int(services.ADDRESS.at_once)):
        budgets.charge("192.0.2.1")
    with pytest.raises(Refusal) as refused:
        budgets.charge("192.0.2.1")
    assert refused.value.code == "rate_limited" and refused.value.fields["retry_after"] >= 1
    budgets.charge("192.0.2.2")
    off = RegistrationBudgets(False)
    for _ in range(int(services.ADDRESS.at_once) + 1):
        off.charge("192.0.2.1")
