"""Binding, without a store: the device, the ticket beside the token, and the age of the account."""

import pytest

from submission import binding
from tests.support.candidates.refusals import refused_with
from tests.support.candidates.values import a_period, an_account
from tests.support.desks import COMPUTER, PHONE, visit
from waitingroom.device import Verdict
from waitingroom.tickets import Ticket
from waitingroom.tokens import Claims

CLAIMS = Claims("essai", 7, "jti")


@pytest.mark.parametrize(
    ("verdict", "families", "refused"),
    [
        (COMPUTER, None, ""),
        (COMPUTER, {"linux"}, ""),
        (COMPUTER, {"windows"}, "device_refused"),
        (PHONE, None, "device_refused"),
        (PHONE, {"phone"}, "device_refused"),
    ],
)
def test_only_a_personal_computer_may_apply(
    verdict: Verdict, families: set[str] | None, refused: str
) -> None:
    """Of the families that the programme takes (DV-01); none of them makes a telephone one."""
    assert refused_with(binding.allowed, visit(verdict=verdict), families) == refused


@pytest.mark.parametrize(
    ("claims", "ticket", "refused"),
    [
        (CLAIMS, Ticket("u1", 7, "v"), ""),
        (None, Ticket("u1", 7, "v"), "no_token"),
        (CLAIMS, None, "token_other_browser"),
        (CLAIMS, Ticket("u1", 8, "v"), "token_other_browser"),
        (CLAIMS, Ticket("u2", 7, "v"), "token_other_browser"),  # another life of the period
    ],
)
def test_a_token_is_good_beside_its_own_ticket_alone(
    claims: Claims | None, ticket: Ticket | None, refused: str
) -> None:
    """Copied into another browser it is nothing (P5)."""
    assert refused_with(binding.beside, a_period(), claims, ticket) == refused


@pytest.mark.parametrize(
    ("before", "created_at", "refused"),
    [(None, 10**15, ""), (2_000, 1_999, ""), (2_000, 2_000, "account_too_recent")],
)
def test_an_account_made_too_late_may_not_apply(before: int | None, created_at: int, refused: str) -> None:
    """Before the instant of the period's rule, where it has one (WR-16)."""
    period = a_period(accounts_created_before=before)
    assert refused_with(binding.old_enough, an_account(created_at=created_at), period) == refused
