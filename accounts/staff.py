"""Staff: who steers periods."""

from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import sessions, store
from accounts.identities import known_as
from accounts.passwords import COST
from foundation.sql.tables import insert_for


async def add_operator(conn: AsyncConnection, username: str, password: str, now: int) -> None:
    """Make an operator, or give an existing one this password, which ends the sessions begun with the old one."""
    values = {"username": known_as(username), "password_hash": COST.hash(password), "created_at": now}
    statement = insert_for(conn, store.operator).values(values)
    new_password = {"password_hash": statement.excluded.password_hash}
    upsert = statement.on_conflict_do_update(index_elements=["username"], set_=new_password)
    owner = (await conn.execute(upsert.returning(store.operator.c.id))).scalar_one()
    await sessions.end_all(conn, "operator", owner)
