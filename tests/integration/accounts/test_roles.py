"""Grants of roles: made with an operator on the record, ended and given again."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from accounts import roles, store
from accounts.roles import HolderKind, Role
from accounts.staff import add_operator, set_password
from foundation import audit
from foundation.audit import Actor
from foundation.clock import now_ms
from foundation.sql.database import Database

SECRET = "le mot de passe du pupitre"


async def lines(db: Database, *columns: sa.ColumnElement[Any]) -> Sequence[Any]:
    found = await db.read(lambda conn: conn.execute(sa.select(*columns).order_by(audit.audit.c.id)))
    return [tuple(row) for row in found]


async def test_an_operator_is_made_with_a_role_on_the_record(database: Database) -> None:
    """The first time the role is granted; a new password later grants nothing again, and both are in the audit."""
    by = Actor("chef", "command-line")
    await database.write(lambda conn: add_operator(conn, "Agnès", SECRET, now_ms(), by))
    await database.write(lambda conn: set_password(conn, "Agnès", SECRET, now_ms(), by))
    (grant,) = list(await database.read(lambda conn: conn.execute(sa.select(store.role_grant))))
    assert (grant.holder_kind, grant.holder, grant.role, grant.until_at) == ("operator", 1, "operator", None)
    assert grant.granted_by == "chef"
    a = audit.audit.c
    assert await lines(database, a.actor, a.role, a.act, a.subject_kind, a.subject_id, a.after) == [
        ("chef", "command-line", "operator_add", "operator", "1", '{"granted":["operator"],"totp":false}'),
        ("chef", "command-line", "operator_password", "operator", "1", '{"sessions":0}'),
    ]
    assert all(SECRET not in detail for (detail,) in await lines(database, a.detail))


async def test_a_role_ends_and_can_be_granted_again(database: Database) -> None:
    """Ended, never deleted: the row of before stays."""

    async def held(at: int) -> bool:
        grants = await database.read(lambda conn: roles.grants_of(conn, HolderKind.ACCOUNT, 7))
        return roles.holds(grants, Role.APPROVER, at)

    of = (HolderKind.ACCOUNT, 7, Role.APPROVER)
    assert await database.write(lambda conn: roles.grant(conn, *of, "chef", 100))
    assert not await database.write(lambda conn: roles.grant(conn, *of, "chef", 150))
    assert await database.write(lambda conn: roles.end(conn, *of, 200))
    assert not await database.write(lambda conn: roles.end(conn, *of, 250))
    assert await database.write(lambda conn: roles.grant(conn, *of, "chef", 300, until_at=400))
    assert [await held(at) for at in (100, 199, 200, 299, 300, 400)] == [
        True,
        True,
        False,
        False,
        True,
        False,
    ]
