"""Accounts are taken away with what accounts keep: sessions of candidates, and tries that were not theirs."""

import sqlalchemy as sa

from accounts import store
from accounts.bulk_import.removal import remove_accounts
from foundation.sql.database import Database


async def test_sessions_and_missed_tries_go_with_their_account(database: Database) -> None:
    """Those of another account, and of an operator whose number is the same, stay."""
    one = {"password_hash": "h", "answers_hash": "a", "questions": "[]", "created_at": 1, "identity": "{}"}
    people = [one | {"id": id, "username": f"p{id}"} for id in (1, 2)]
    sessions = [
        {"digest": f"{role}{owner}", "role": role, "owner": owner, "created_at": 1, "expires_at": 2}
        for role, owner in (("candidate", 1), ("candidate", 2), ("operator", 1))
    ]
    missed = [{"role": "candidate", "owner": id, "tries": 1, "knew_password": 0, "since": 1} for id in (1, 2)]
    for table, new in ((store.account, people), (store.session, sessions), (store.missed_attempt, missed)):
        await database.write(lambda conn, table=table, new=new: conn.execute(sa.insert(table), new))  # type: ignore[misc]
    assert await database.write(lambda conn: remove_accounts(conn, [1])) == 1

    async def left(column: sa.Column[object]) -> set[object]:
        return set((await database.read(lambda conn: conn.execute(sa.select(column)))).scalars())

    assert await left(store.account.c.id) == {2}
    assert await left(store.session.c.digest) == {"candidate2", "operator1"}
    assert await left(store.missed_attempt.c.owner) == {2}
