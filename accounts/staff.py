"""Staff: who steers periods."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import roles, sessions, store
from accounts.acts import AccountAct
from accounts.identities import known_as
from accounts.passwords import COST
from accounts.roles import HolderKind, Role
from foundation import audit
from foundation.audit import By
from foundation.sql.tables import insert_for
from foundation.subjects import Subject


async def add_operator(
    conn: AsyncConnection, username: str, password: str, now: int, by: By = audit.COMMAND_LINE
) -> None:
    """Make an operator, on the record, or give an existing one this password, which ends the sessions begun with the
    old one. The role is granted where it is not held."""
    known = known_as(username)
    existed = sa.select(store.operator.c.id).where(store.operator.c.username == known)
    is_new = (await conn.execute(existed)).first() is None
    values = {"username": known, "password_hash": COST.hash(password), "created_at": now}
    statement = insert_for(conn, store.operator).values(values)
    new_password = {"password_hash": statement.excluded.password_hash}
    upsert = statement.on_conflict_do_update(index_elements=["username"], set_=new_password)
    owner = (await conn.execute(upsert.returning(store.operator.c.id))).scalar_one()
    await sessions.end_all(conn, "operator", owner)
    granted = await roles.grant(conn, HolderKind.OPERATOR, owner, Role.OPERATOR, by, now)
    subject = Subject.row(store.OPERATOR, owner)
    after = {"granted": [Role.OPERATOR] if granted else []}
    await audit.record(
        conn, by, AccountAct.OPERATOR_ADD, subject, now, after=after, username=known, is_new=is_new
    )
