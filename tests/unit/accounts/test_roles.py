"""Roles: the one function that decides."""

import pytest

from accounts.roles import STAFF, Role, RoleGrant, holds, require
from foundation.errors import Refusal

GRANTS = [
    RoleGrant("operator", from_at=100, until_at=200),
    RoleGrant("operator", from_at=300, until_at=None),
    RoleGrant("auditor", from_at=0, until_at=None),
]


@pytest.mark.parametrize(
    ("role", "at", "held"),
    [
        (Role.OPERATOR, 99, False),
        (Role.OPERATOR, 100, True),
        (Role.OPERATOR, 199, True),
        (Role.OPERATOR, 200, False),
        (Role.OPERATOR, 299, False),
        (Role.OPERATOR, 300, True),
        (Role.OPERATOR, 10**15, True),
        (Role.AUDITOR, 99, True),
        (Role.APPROVER, 150, False),
        (Role.ADMINISTRATOR, 150, False),
    ],
)
def test_a_role_is_held_from_its_first_instant_up_to_its_last(role: Role, at: int, held: bool) -> None:
    """From `from_at` on, at `until_at` no more; no role gives another one."""
    assert holds(GRANTS, role, at) is held


def test_without_a_grant_no_role_is_held() -> None:
    """Also not a role that all others would seem to include."""
    assert not any(holds([], role, 0) for role in Role)


def test_one_decision_says_who_may() -> None:
    """The first wanted role that is held; without one of them not_your_role, whatever else is held."""
    grants = [RoleGrant("agent", 0, None), RoleGrant("auditor", 0, 5)]
    assert require(grants, (Role.AUDITOR, Role.AGENT), 4) is Role.AUDITOR
    assert require(grants, (Role.AUDITOR, Role.AGENT), 5) is Role.AGENT
    with pytest.raises(Refusal, match="not_your_role"):
        require(grants, (Role.OPERATOR,), 4)
    with pytest.raises(Refusal, match="not_your_role"):
        require([], STAFF, 4)
