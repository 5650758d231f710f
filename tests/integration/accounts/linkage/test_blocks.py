"""Blocking keys in SQL."""

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.identities import Identity
from accounts.linkage import blocks, store
from accounts.linkage.comparison import PersonRecord
from accounts.linkage.keys import LinkageKey
from foundation.sql.database import Database

KEY = LinkageKey("a key")


def record(**fields: str) -> PersonRecord:
    named = {
        "family_name": "N’Diaye",
        "given_name": "Awa",
        "birth_date": "1990-02-23",
        "passport": "AB1234567",
    }
    return PersonRecord(identity=Identity(**named | fields))


async def met(conn: AsyncConnection, number: int, one: PersonRecord) -> dict[str, set[int]]:
    return await blocks.met(conn, "account", number, await blocks.write(conn, KEY, "account", number, [one]))


async def test_records_with_a_key_in_common_meet(database: Database) -> None:
    """Of any kind, but never itself; what a record no longer holds brings it to nobody."""
    await database.write(lambda conn: blocks.write(conn, KEY, "paper_record", 7, [record(passport="")]))
    assert await database.write(lambda conn: met(conn, 1, record())) == {"paper_record": {7}}
    found = await database.write(lambda conn: met(conn, 2, record(family_name="Ndiaye")))
    assert found == {"paper_record": {7}, "account": {1}}
    stranger = record(family_name="Okafor", given_name="Ngozi", birth_date="1971-10-29", passport="Z9")
    assert await database.write(lambda conn: met(conn, 1, stranger)) == {}
    assert "account" not in await database.write(lambda conn: met(conn, 2, record()))


async def test_what_stands_in_sql_says_nothing(database: Database) -> None:
    """No text of a person, and under another key other digests."""
    await database.write(lambda conn: blocks.write(conn, KEY, "account", 1, [record()]))
    digests = await database.read(lambda conn: conn.execute(sa.select(store.linkage_block.c.digest)))
    found = set(digests.scalars())
    assert found
    assert all(len(digest) == 32 and set(digest) <= set("0123456789abcdef") for digest in found)
    other = await database.write(
        lambda conn: blocks.write(conn, LinkageKey("other"), "account", 1, [record()])
    )
    assert not found & set(other)


async def test_a_key_of_too_many_brings_nobody(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A telephone of three hundred clients says nothing of any of them."""
    alike = [PersonRecord(identity=Identity(family_name="", given_name="", birth_date="", passport=""),
                          telephones=("514 555-0199",))]  # fmt: skip

    async def fill(conn: AsyncConnection) -> dict[str, set[int]]:
        for number in range(1, 202):
            digests = await blocks.write(conn, KEY, "account", number, alike)
        return await blocks.met(conn, "account", 1, digests)

    assert await database.write(fill) == {}
    await database.write(lambda conn: blocks.drop(conn, "account", [200, 201]))
    digest = KEY.digests(["telephone +15145550199"])
    assert len((await database.read(lambda conn: blocks.met(conn, "account", 1, digest)))["account"]) == 198
