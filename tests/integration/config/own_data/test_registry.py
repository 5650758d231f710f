"""What is held about an account, over all features: everything is exported or says why not, and erased whole."""

from contextlib import aclosing
from typing import Any

import msgspec
import sqlalchemy as sa

import config.migrations.tables as known_tables
from accounts import store as accounts_store
from accounts.representatives.store import spouse_flag
from config.own_data import registry as own_data
from foundation.sql.database import Database
from foundation.sql.tables import metadata
from submission.exempt.services import exempt_services
from tests.support.candidates.exempt import declare
from tests.support.candidates.files import RIGHT, FilePlace, file_place
from tests.support.candidates.own_data import with_own_data
from tests.support.candidates.representing import declared
from tests.support.rooms import KEYS

SAYS_WHOSE = {"account", "owner", "holder", "spouse", "survivor", "other_account"}
"""Columns that name an account."""


def tables_about_accounts(named: set[str]) -> set[str]:
    """Tables with such a column, or whose rows point at a row of one that has."""
    assert known_tables.TABLES
    about = {name for name, table in metadata.tables.items() if named & set(table.columns.keys())}
    about.add(accounts_store.account.name)
    pointing = {
        name
        for name, table in metadata.tables.items()
        for key in table.foreign_keys
        if key.column.table.name in about - {"period"}
    }
    return about | pointing


async def covered(place: FilePlace) -> set[str]:
    held = own_data.held(exempt_services(place.desk, KEYS))
    return {name for one in held for name in one.tables} | set(own_data.NOT_HELD)


async def test_every_table_about_accounts_is_held_or_says_why_not(on_sqlite: Database) -> None:
    """A table that is added later fails here until somebody decides."""
    async with file_place(on_sqlite) as place:
        assert tables_about_accounts(SAYS_WHOSE) - await covered(place) == set()


async def test_a_table_that_nobody_listed_would_be_seen(on_sqlite: Database) -> None:
    """Twin: with another column that names accounts, tables are found that are in no list."""
    async with file_place(on_sqlite) as place:
        assert tables_about_accounts(SAYS_WHOSE | {"at"}) - await covered(place) != set()


async def test_the_export_has_what_was_typed_and_no_secret(database: Database) -> None:
    """Identity and draft as they were written; of hashes, keys and other people nothing (PA-05)."""
    async with file_place(database) as place:
        with_own_data(place)
        await place.person("anne")
        await place.person("xavier")
        async with aclosing(place.browser()) as browser:
            await browser.post("/connexion", data=RIGHT)
            answer = await browser.get("/api/v1/account/export")
        export: dict[str, Any] = msgspec.json.decode(answer.content)
        assert answer.headers["content-disposition"].startswith("attachment;")
        assert export["account"]["identity"]["family_name"] == "Roy"
        assert export["drafts"][0]["sections"]["identity"]["family_name"]
        text = answer.text
        assert "xavier" not in text and "$argon2" not in text and "v1." not in text


async def test_what_is_erased_leaves_only_the_record_of_it(database: Database) -> None:
    """No row of any table about accounts names it any more; the other account keeps everything."""
    async with file_place(database) as place:
        service = with_own_data(place)
        account, other = await place.person("anne"), await place.person("xavier")
        async with aclosing(place.browser()) as browser:
            await browser.post("/connexion", data=RIGHT)
            before = await place.db.read(lambda conn: rows_of(conn, other))
            body = {"password": RIGHT["password"]}
            answer = await browser.request("DELETE", "/api/v1/account", json=body)
            assert answer.status_code == 204, answer.text
            assert (await browser.get("/compte/donnees")).status_code == 303
        left = await place.db.read(lambda conn: rows_of(conn, account))
        assert left == {}
        assert await place.db.read(lambda conn: rows_of(conn, other)) == before
        assert service.held


async def rows_of(conn: Any, account: int) -> dict[str, int]:
    """How many rows of each table name this account."""
    found = {}
    for name, table in metadata.tables.items():
        for column in SAYS_WHOSE & set(table.columns.keys()):
            count = sa.select(sa.func.count()).where(table.c[column] == account)
            if number := (await conn.execute(count)).scalar_one():
                found[f"{name}.{column}"] = number
    return found


async def test_a_representative_is_in_the_export_and_the_spouses_account_is_not(database: Database) -> None:
    """Who was declared, as it was typed; that a spouse has an account is that person's alone."""
    async with file_place(database) as place:
        with_own_data(place)
        account, spouse = await place.person("anne"), await place.person("xavier")
        await declared(place.db, account)
        flag = {"account": account, "spouse": spouse, "programme": "demo", "found_at": 1}
        await place.db.write(lambda conn: conn.execute(sa.insert(spouse_flag).values(flag)))
        async with aclosing(place.browser()) as browser:
            await browser.post("/connexion", data=RIGHT)
            answer = await browser.get("/api/v1/account/export")
            export: dict[str, Any] = msgspec.json.decode(answer.content)
            assert export["representatives"][0]["details"]["email"] == "luc@cabinet.example"
            assert export["spouse_flags"] == []
            body = {"password": RIGHT["password"]}
            assert (await browser.request("DELETE", "/api/v1/account", json=body)).status_code == 204
        assert await place.db.read(lambda conn: rows_of(conn, account)) == {}


async def test_a_proof_number_is_exported_as_it_was_given_with_instants_to_read(database: Database) -> None:
    """What a table keeps encrypted is no export until it is opened; instants are those of the API."""
    async with file_place(database) as place:
        with_own_data(place)
        await declare(place.desk, await place.person("anne"), "VEO-2016-77")
        async with aclosing(place.browser()) as browser:
            await browser.post("/connexion", data=RIGHT)
            export = (await browser.get("/api/v1/account/export")).json()
        (claim,) = export["exempt_claims"]
        assert claim["proof"] == "VEO-2016-77" and "proof_key" not in claim
        assert claim["claimed_at"].endswith("Z") and export["account"]["created_at"].endswith("Z")
