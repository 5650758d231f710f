"""What the tables of accounts hold by themselves, whatever the code above them does."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from accounts import store
from foundation.sql.database import Database

ROWS: dict[str, tuple[sa.Table, dict[str, Any], str]] = {
    "an account's user name": (
        store.account,
        {"username": "anne", "password_hash": "p", "answers_hash": "a", "questions": "[]", "created_at": 0,
         "identity": "{}"},
        "username",
    ),
    "an operator's user name": (
        store.operator, {"username": "regie", "password_hash": "p", "created_at": 0}, "username",
    ),
    "a session's digest": (
        store.session,
        {"digest": "d", "role": "candidate", "owner": 1, "created_at": 0, "expires_at": 1},
        "digest",
    ),
    "a budget's key": (store.attempt, {"key": "k", "wrong": 0, "last_at": 0}, "key"),
}  # fmt: skip


@pytest.mark.parametrize("what", ROWS)
async def test_there_is_one_row_of_each(database: Database, what: str) -> None:
    """A second one is refused by the table; with another value there is room for it."""
    table, row, column = ROWS[what]

    async def add(**changes: str) -> None:
        await database.write(lambda conn: conn.execute(sa.insert(table).values(row | changes)))

    await add()
    with pytest.raises(IntegrityError):
        await add()
    await add(**{column: "another"})


async def test_an_account_has_no_accommodation_until_one_is_granted(database: Database) -> None:
    """Its next token is as long as everybody's."""
    row = ROWS["an account's user name"][1]
    await database.write(lambda conn: conn.execute(sa.insert(store.account).values(row)))
    found = await database.read(lambda conn: conn.execute(sa.select(store.account.c.accommodation)))
    assert found.scalar_one() == 1.0
