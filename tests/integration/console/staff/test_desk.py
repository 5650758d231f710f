"""Who of the staff is let in, in what role."""

from accounts import staff
from accounts.roles import Role, RoleGrant
from accounts.sessions import Session
from accounts.states import SessionRole
from console.staff.desk import StaffMemberHere, held
from foundation.clock import now_ms
from tests.integration.console.conftest import ConsolePlace


def test_the_roles_held_are_those_in_force() -> None:
    """Ended ones and those to come are not held; a candidate's is no role of staff."""
    grants = [
        RoleGrant("auditor", 0, None), RoleGrant("agent", 0, 10), RoleGrant("clerk", 20, None),
        RoleGrant("candidate", 0, None),
    ]  # fmt: skip
    assert held(grants, 10) == (Role.AUDITOR,)
    assert held(grants, 5) == (Role.AGENT, Role.AUDITOR)


async def test_a_member_acts_in_the_role_that_let_them_in(place: ConsolePlace) -> None:
    """The audit has the role of the page, not the first that somebody holds."""
    await place.staff("lucie", Role.AGENT, Role.AUDITOR)
    row = await place.db.read(lambda conn: staff.existing(conn, "lucie"))
    session = Session(role=SessionRole.OPERATOR, owner=row.id, username="lucie", expires_at=now_ms() + 1_000)
    member = await place.console.staff.admit(session, "GET /x", (Role.AUDITOR, Role.AGENT))
    assert isinstance(member, StaffMemberHere)
    assert (member.actor.name, member.actor.role) == ("lucie", Role.AUDITOR)
    assert member.held == (Role.AGENT, Role.AUDITOR)
    assert "/agent" in [place.href for place in member.places]
    assert "/operateur" not in [place.href for place in member.places]
