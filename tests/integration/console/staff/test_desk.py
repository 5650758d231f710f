"""Who of the staff is let in, in what role."""

import msgspec
import pytest
import sqlalchemy as sa

from accounts import staff
from accounts.roles import Role, RoleGrant
from accounts.sessions import Session
from accounts.states import SessionRole
from console.staff.desk import StaffMemberHere, held
from foundation import audit
from foundation.clock import now_ms
from foundation.errors import Code, Refusal, Unavailable
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


async def test_what_is_refused_is_on_the_record_and_what_is_done_is_not_twice(place: ConsolePlace) -> None:
    """Under the name of the call, with its code; of a role that may not, nothing is even tried. A store that is away is
    no refusal."""
    desk, acts = place.console.staff, audit.audit.c
    session = Session(role=SessionRole.OPERATOR, owner=1, username="lucie", expires_at=now_ms() + 1_000)
    lucie = StaffMemberHere(session=session, held=(Role.CLERK,), role=Role.CLERK)
    tried: list[str] = []

    async def work(end: Refusal | None) -> int:
        tried.append("")
        if end is not None:
            raise end
        return 7

    assert await desk.on_record(lucie, "kept", lambda: work(None)) == 7
    for end in (Refusal(Code.MOVE_NOT_ALLOWED), Unavailable("sql")):
        with pytest.raises(Refusal):
            await desk.on_record(lucie, "moved", lambda end=end: work(end))  # type: ignore[misc]
    with pytest.raises(Refusal) as refused:
        await desk.on_record(lucie, "money", lambda: work(None), (Role.AGENT,))
    assert (refused.value.code, len(tried)) == (Code.NOT_YOUR_ROLE, 3)
    rows = await place.db.read(
        lambda conn: conn.execute(sa.select(acts.after, acts.actor).where(acts.act == audit.REFUSED))
    )
    said = [(msgspec.json.decode(row.after or "{}"), row.actor) for row in rows]
    assert len(said) == 2 and {actor for _, actor in said} == {"lucie"}, said
