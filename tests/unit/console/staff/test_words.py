"""What pages call the roles of the staff."""

from accounts.roles import STAFF
from console.staff.words import ROLES_FR


def test_each_role_of_the_staff_has_a_word() -> None:
    """And no two have the same."""
    assert set(ROLES_FR) == set(STAFF)
    assert len(set(ROLES_FR.values())) == len(STAFF)
