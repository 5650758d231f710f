"""Accounts by the thousand: the new ones are written, those that exist stay as they are."""

import pytest
import sqlalchemy as sa

from accounts import bulk_import, store
from accounts.bulk_import import NewAccount
from accounts.identities import Identity
from foundation.sql.database import Database

MADE_AT = 1_000


def account(name: str, created_at: int | None = None) -> NewAccount:
    identity = Identity(family_name="Roy", given_name=name, birth_date="1990-01-01", passport=name)
    return NewAccount(
        username=name, password_hash="p", answers_hash="a", questions=("?",), identity=identity,
        created_at=created_at,
    )  # fmt: skip


async def test_only_what_is_new_is_written(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over several statements; the ids are those of the new accounts, by the name as it is stored."""
    monkeypatch.setattr(bulk_import, "AT_ONCE", 2)
    first = [account(f" ANNE-{number}") for number in range(3)]
    made = await database.write(lambda conn: bulk_import.add_accounts(conn, first, MADE_AT))
    assert set(made) == {"anne-0", "anne-1", "anne-2"}
    more = [account("anne-1"), account("marc", created_at=7)]
    again = await database.write(lambda conn: bulk_import.add_accounts(conn, more, MADE_AT + 1))
    a = store.account.c
    rows = (await database.read(lambda conn: conn.execute(sa.select(a.id, a.username, a.created_at)))).all()
    assert again == {"marc": next(row.id for row in rows if row.username == "marc")}
    assert {row.username: row.created_at for row in rows} == dict.fromkeys(made, MADE_AT) | {"marc": 7}
