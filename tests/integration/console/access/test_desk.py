"""The desk of who has access: each act is of its role, refused ones are on the record, and reasons are asked for."""

import pytest

from accounts import staff
from accounts.roles import HolderKind, Role, grants_of
from accounts.staff import ListedMember
from console.access.desk import FAULTS, AccessDesk, TypedMember, reason_of, roles_of
from console.staff.desk import StaffMemberHere
from foundation.clock import now_ms
from foundation.errors import Refusal
from foundation.sql.database import Database
from tests.integration.console.conftest import SECRET, ConsolePlace
from tests.support.candidates.refusals import code_of, refusal_of
from tests.support.desks import visit


@pytest.fixture
async def desk(place: ConsolePlace) -> AccessDesk:
    return AccessDesk(place.console.staff)


async def here(desk: AccessDesk, name: str, *roles: Role) -> StaffMemberHere:
    """Somebody with these roles, at the desk."""
    await desk.db.write(lambda conn: staff.add_operator(conn, name, SECRET, now_ms(), granted=roles))
    from accounts.operators.sign_in import sign_in_operator

    signed_in = await sign_in_operator(desk.accounts, visit().came, name, SECRET)
    return await desk.staff.admit(signed_in.session, "test", roles)


async def listed(db: Database, name: str) -> ListedMember:
    found = await db.read(lambda conn: staff.listed(conn, now_ms(), removed=True))
    return next(one for one in found if one.username == name)


async def test_who_comes_holds_what_takes_one_and_waits_for_the_rest(desk: AccessDesk) -> None:
    """They get a password and a code; what takes two waits for somebody else, who confirms it."""
    ada, ines = await here(desk, "ada", Role.ADMINISTRATOR), await here(desk, "ines", Role.APPROVER)
    typed = TypedMember(username=" Luc ", roles=("clerk", "agent"), reason="arrive au courrier")
    handed = await desk.add(ada, typed)
    assert handed.username == "luc" and handed.asked == (Role.AGENT,) and len(handed.password) == 23
    luc = await listed(desk.db, "luc")
    assert (luc.roles, luc.totp, luc.enters) == (["clerk"], False, True)
    view = await desk.everybody(ines)
    (asked,) = view.asked
    assert await code_of(desk.confirm(ada, asked.id)) == "second_person_needed"
    await desk.confirm(ines, asked.id)
    card = await desk.one(ines, luc.id)
    assert card.member.roles == ["agent", "clerk"] and card.asked == []
    assert [line.act for line in card.acts] == ["role_grant", "role_ask", "operator_add"]
    assert Role.CLERK not in card.grantable and Role.AUDITOR in card.grantable


async def test_each_act_is_of_its_role(desk: AccessDesk, place: ConsolePlace) -> None:
    """An approver confirms and does nothing else; an auditor reads; what was refused is on the record."""
    ines, vera = await here(desk, "ines", Role.APPROVER), await here(desk, "vera", Role.AUDITOR)
    id = (await listed(desk.db, "vera")).id
    for member in (ines, vera):
        for act in (
            desk.add(member, TypedMember("luc", ("clerk",), "x")), desk.grant(member, id, "clerk", "x"),
            desk.end(member, id, "auditor", "x"), desk.reset(member, id, "x"), desk.remove(member, id, "x"),
        ):  # fmt: skip
            assert await code_of(act) == "not_your_role"
    assert await code_of(desk.confirm(vera, 1)) == "not_your_role"
    assert await code_of(desk.confirm(ines, 1)) == "not_found"
    calls = [detail["call"] for actor, act, detail in await place.audit() if act == "refused"]
    assert calls.count("staff add") == 2 and "staff confirm" in calls


@pytest.mark.parametrize(
    ("name", "roles", "reason", "field"),
    [
        ("root", ("clerk",), "x", "username"),
        ("", ("clerk",), "x", "username"),
        ("AGNES", ("clerk",), "x", "username"),
        ("agnés", ("clerk",), "x", "username"),
        ("luc", (), "x", "roles"),
        ("luc", ("candidate",), "x", "roles"),
        ("luc", ("clerk",), "  ", "reason"),
        ("luc", ("clerk",), "x" * 501, "reason"),
    ],
)
async def test_a_wrong_entry_makes_nobody(
    desk: AccessDesk, name: str, roles: tuple[str, ...], reason: str, field: str
) -> None:
    """The field is named, and nothing is written."""
    ada = await here(desk, "ada", Role.ADMINISTRATOR)
    refused = await refusal_of(desk.add(ada, TypedMember(name, roles, reason)))
    assert (refused.code, refused.fields["fields"][0]["name"]) == ("invalid", field)
    found = await desk.db.read(lambda conn: staff.listed(conn, now_ms(), removed=True))
    assert {one.username for one in found} == {"ada", "agnes"}


async def test_nobody_changes_their_own_access_here(desk: AccessDesk) -> None:
    """No role, no end of one, no code to enter with, no going: somebody else does it."""
    ada, bea = await here(desk, "ada", Role.ADMINISTRATOR), await here(desk, "bea", Role.ADMINISTRATOR)
    own = (await listed(desk.db, "ada")).id
    for act in (
        desk.grant(ada, own, "clerk", "x"), desk.end(ada, own, "administrator", "x"), desk.reset(ada, own, "x"),
        desk.remove(ada, own, "x"),
    ):  # fmt: skip
        assert await code_of(act) == "invalid"
    await desk.end(bea, own, "administrator", "change de poste")
    assert (await listed(desk.db, "ada")).roles == []
    await desk.remove(bea, own, "part")
    assert (await listed(desk.db, "ada")).removed_at is not None
    assert await code_of(desk.reset(bea, own, "x")) == "not_found"
    grants = await desk.db.read(lambda conn: grants_of(conn, HolderKind.OPERATOR, own))
    assert all(not grant.at(now_ms()) for grant in grants)


async def test_a_code_is_handed_over_without_a_password(desk: AccessDesk, place: ConsolePlace) -> None:
    """The reason is on the record, the code is not."""
    ada = await here(desk, "ada", Role.ADMINISTRATOR)
    id = (await listed(desk.db, "agnes")).id
    handed = await desk.reset(ada, id, "téléphone perdu")
    assert handed.password == "" and handed.username == "agnes"
    card = await desk.one(ada, id)
    assert card.acts[0].act == "operator_totp" and card.acts[0].reason == "téléphone perdu"
    assert card.acts[0].detail == {"username": "agnes", "entry_code": True}
    assert handed.code not in str(card) and card.member.enters
    assert await code_of(desk.one(ada, 10_000)) == "not_found"


def test_what_is_typed_is_read() -> None:
    """Roles in their order; a reason on one line."""
    assert roles_of(("auditor", "agent")) == (Role.AGENT, Role.AUDITOR)
    assert reason_of(" deux \n lignes ") == "deux lignes"
    with pytest.raises(Refusal):
        roles_of(("clerk", "x"))
    assert {"username", "role", "reason"} == {field for field, _ in FAULTS.values()}
