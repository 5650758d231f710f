"""Staff as rows: how they come, change and go, each on the record, and nobody overwritten."""

import msgspec
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import roles, sessions, staff
from accounts import store as accounts_store
from accounts.operators.sign_in import sign_in_operator
from accounts.roles import HolderKind, Role
from accounts.staff import StaffProblem, add_operator
from accounts.states import SessionRole
from foundation.audit import audit
from foundation.clock import now_ms
from foundation.sql.database import Database
from tests.support.candidates.refusals import code_of
from tests.support.desks import make_desk, visit

FIRST, SECOND = "un premier mot de passe", "un second mot de passe"


async def test_an_added_operator_is_never_overwritten(database: Database) -> None:
    """However the name is spelt: the second one is refused, and the first password stays good."""
    desk = make_desk(database)
    await database.write(lambda conn: add_operator(conn, "regie", FIRST, now_ms()))
    for name in ("regie", " Regie ", "REGIE"):
        with pytest.raises(StaffProblem, match="guichet operator password regie"):
            await database.write(lambda conn, name=name: add_operator(conn, name, SECOND, now_ms()))  # type: ignore[misc]
    signed_in = await sign_in_operator(desk.accounts, visit().came, "regie", FIRST)
    assert signed_in.session.username == "regie"


@pytest.mark.parametrize("name", ["service", "Command-Line", "ｓｅｒｖｉｃｅ", "agnés", "   "])
async def test_a_name_of_nobody_or_of_a_colleague_by_the_look_of_it_is_refused(
    database: Database, name: str
) -> None:
    """`agnes` is an operator, so `agnés` is nobody else (P17)."""
    await database.write(lambda conn: add_operator(conn, "agnes", FIRST, now_ms()))
    with pytest.raises(StaffProblem):
        await database.write(lambda conn: add_operator(conn, name, FIRST, now_ms()))
    assert [one.username for one in await database.read(lambda conn: staff.listed(conn, now_ms()))] == [
        "agnes"
    ]


async def test_a_new_password_ends_the_sessions_begun_with_the_old_one(database: Database) -> None:
    """The operator stays the same, and is signed out everywhere."""
    desk = make_desk(database)
    await database.write(lambda conn: add_operator(conn, "regie", FIRST, now_ms()))
    first = await sign_in_operator(desk.accounts, visit().came, "regie", FIRST)
    await database.write(lambda conn: staff.set_password(conn, "Regie", SECOND, now_ms()))
    assert await sessions.current(desk.accounts, visit(None, first), SessionRole.OPERATOR) is None
    assert await code_of(sign_in_operator(desk.accounts, visit().came, "regie", FIRST)) == "bad_credentials"
    again = await sign_in_operator(desk.accounts, visit().came, "regie", SECOND)
    assert again.session.owner == first.session.owner
    for act in (
        lambda conn: staff.set_password(conn, "nobody", SECOND, now_ms()),
        lambda conn: staff.set_totp(conn, "nobody", None, now_ms()),
        lambda conn: staff.remove(conn, "nobody", now_ms()),
    ):
        with pytest.raises(StaffProblem, match="no operator"):
            await database.write(act)


async def test_a_removed_operator_holds_nothing_and_can_be_made_anew(database: Database) -> None:
    """Sessions and roles end; what they did keeps their name; made again they begin with what they are given then."""
    desk = make_desk(database)
    await database.write(lambda conn: add_operator(conn, "regie", FIRST, now_ms(), totp_secret="v1.x.y"))
    (member,) = await database.read(lambda conn: staff.listed(conn, now_ms()))
    assert (member.roles, member.totp, member.removed_at) == ([Role.OPERATOR], True, None)
    await database.write(lambda conn: staff.remove(conn, "regie", now_ms()))
    assert await database.read(lambda conn: staff.listed(conn, now_ms())) == []
    (gone,) = await database.read(lambda conn: staff.listed(conn, now_ms(), removed=True))
    assert (gone.roles, gone.totp, gone.sessions, gone.removed_at is None) == ([], False, 0, False)
    assert await acting(database, "regie") is False
    await database.write(lambda conn: add_operator(conn, "regie", SECOND, now_ms()))
    await sign_in_operator(desk.accounts, visit().came, "regie", SECOND)
    (back,) = await database.read(lambda conn: staff.listed(conn, now_ms()))
    assert (back.roles, back.totp, back.sessions) == ([Role.OPERATOR], False, 1)
    assert back.last_sign_in_at is not None
    a = audit.c
    acts = await database.read(
        lambda conn: conn.execute(sa.select(a.act, a.before, a.after, a.subject_id).order_by(a.id))
    )
    lines = [
        (row.act, row.before and msgspec.json.decode(row.before), msgspec.json.decode(row.after))
        for row in acts.all()
    ]
    assert lines == [
        ("operator_add", None, {"granted": ["operator"], "totp": True}),
        (
            "operator_remove",
            {"roles": ["operator"], "totp": True, "sessions": 0},
            {"roles": [], "sessions": 0},
        ),
        ("operator_add", None, {"granted": ["operator"], "totp": False}),
    ]


async def acting(database: Database, name: str, role: Role = Role.OPERATOR) -> bool:
    """Whether somebody of this name may act in this role now."""
    return await database.read(lambda conn: staff.acting(conn, name, role, now_ms())) is not None


async def test_who_may_act_is_an_operator_with_the_role_now(database: Database) -> None:
    """Not a name of nobody, even where an earlier release gave it to somebody; not without the role."""
    await database.write(lambda conn: add_operator(conn, "agnes", FIRST, now_ms()))
    row = {"username": "service", "password_hash": "x", "created_at": 0}
    insert = sa.insert(accounts_store.operator).values(row).returning(accounts_store.operator.c.id)

    async def older(conn: AsyncConnection) -> None:
        id = (await conn.execute(insert)).scalar_one()
        await roles.grant(conn, HolderKind.OPERATOR, id, Role.OPERATOR, "x", now_ms())

    await database.write(older)
    assert await acting(database, "agnes")
    assert not await acting(database, "agnes", Role.APPROVER)
    assert not await acting(database, "service")
    assert not await acting(database, "boris")
