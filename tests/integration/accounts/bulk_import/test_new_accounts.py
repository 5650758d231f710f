"""Accounts by the thousand: they are written, and those that are there are found however their names are spelled."""

import msgspec
import pytest
import sqlalchemy as sa

from accounts import store
from accounts.bulk_import import new_accounts
from accounts.bulk_import.new_accounts import NewAccount
from accounts.identities import Identity
from accounts.passwords import UNMADE
from foundation.sql.database import Database
from tests.support.desks import PERSONAL

MADE_AT = 1_000


def account(name: str, created_at: int | None = None) -> NewAccount:
    identity = Identity(family_name="Roy", given_name=name, birth_date="1990-01-01", passport=name)
    return NewAccount(
        username=name, password_hash="p", answers_hash="a", questions=("?",), identity=identity,
        created_at=created_at,
    )  # fmt: skip


async def test_accounts_are_written_and_found(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over several statements; the ids are by the name as it is stored, and any spelling finds it."""
    monkeypatch.setattr(new_accounts, "AT_ONCE", 2)
    first = [*(account(f" ANNE-{number}") for number in range(3)), account("marc", created_at=7)]
    made = await database.write(lambda conn: new_accounts.add_accounts(conn, PERSONAL, first, MADE_AT))
    assert set(made) == {"anne-0", "anne-1", "anne-2", "marc"}
    a = store.account.c
    rows = (await database.read(lambda conn: conn.execute(sa.select(a.username, a.created_at)))).all()
    assert {row.username: row.created_at for row in rows} == dict.fromkeys(made, MADE_AT) | {"marc": 7}
    asked = ["Ànne\N{EN DASH}1", "marc", "nobody"]
    found = await database.read(lambda conn: new_accounts.existing(conn, PERSONAL, asked))
    assert {name: one.id for name, one in found.items()} == {asked[0]: made["anne-1"], "marc": made["marc"]}
    assert found["marc"].identity.given_name == "marc"


async def test_a_name_that_an_earlier_release_kept_is_found_as_it_was_typed(database: Database) -> None:
    """Its own account before the one whose name it would be today."""
    rows = [new_accounts.account_row(name, account(name), MADE_AT, PERSONAL) for name in ("rené", "rene")]
    await database.write(lambda conn: conn.execute(sa.insert(store.account), rows))
    found = await database.read(lambda conn: new_accounts.existing(conn, PERSONAL, ["René", "rene"]))
    assert {name: one.username for name, one in found.items()} == {"René": "rené", "rene": "rene"}


@pytest.mark.parametrize("lacking", ["password_hash", "answers_hash"])
async def test_an_account_without_both_hashes_is_known_as_such(database: Database, lacking: str) -> None:
    """What an import that was interrupted left: it is found, and what it lacks can be made."""
    people = [account("anne"), msgspec.structs.replace(account("marc"), **{lacking: UNMADE})]
    await database.write(lambda conn: new_accounts.add_accounts(conn, PERSONAL, people, MADE_AT))
    found = await database.read(lambda conn: new_accounts.existing(conn, PERSONAL, ["anne", "marc"]))
    assert {name: one.is_hashed for name, one in found.items()} == {"anne": True, "marc": False}
