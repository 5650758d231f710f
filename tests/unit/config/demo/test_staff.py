"""The demo's staff: somebody in each role."""

from accounts.operators import names
from accounts.roles import STAFF
from config.demo.staff import MEMBERS, told


def test_somebody_is_there_for_each_role() -> None:
    """Each role of staff has a member, under a name that a person may have and no eye confuses."""
    assert {role for role, _ in MEMBERS} == set(STAFF)
    known = [names.checked(name) for _, name in MEMBERS]
    assert len({names.look_alike(name) for name in known}) == len(MEMBERS)


def test_ready_says_who_they_are() -> None:
    """Role, user name and password of each, in the order in which they were made."""
    assert told("secret")[0] == {"role": "operator", "username": "operateur", "password": "secret"}
    assert len(told("secret")) == len(MEMBERS)
