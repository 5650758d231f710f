"""Looks that go to the driver: they find what SQLAlchemy would, in its transactions and outside of them."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.heartbeat import heartbeat
from foundation.sql.database import Database
from foundation.sql.direct import DirectLook, DirectWrite
from foundation.sql.tables import among

h = heartbeat.c

SAID = sa.select(h.process, h.beats, (h.beats > 1).label("beats_on")).where(
    among(h.process, "names"), h.kind == "web", h.at == sa.bindparam("at")
)

LOOK = DirectLook(SAID)

ASKED = {"names": ["a", "b", "c"], "at": 0}


def row(process: str, beats: int = 1) -> dict[str, object]:
    return {"process": process, "kind": "web", "beats": beats, "marks": 0, "at": 0}


async def add(database: Database, *rows: dict[str, object]) -> None:
    await database.write(lambda conn: conn.execute(sa.insert(heartbeat), list(rows)))


async def test_it_finds_what_sqlalchemy_finds(database: Database) -> None:
    """Lists as one parameter, values of the statement's own and given ones; truth is truth."""
    await add(database, row("a"), row("b", 2), row("d"))
    direct = await database.read(lambda conn: LOOK.rows(conn, ASKED))
    usual = await database.read(lambda conn: conn.execute(SAID, ASKED))
    assert sorted(map(tuple, direct)) == sorted(map(tuple, usual)) == [("a", 1, False), ("b", 2, True)]
    assert {type(one[2]) for one in direct} == {bool}
    assert LOOK.names == ("process", "beats", "beats_on")


async def test_a_list_may_be_written_out(database: Database) -> None:
    """In a look that is given nothing."""
    await add(database, row("a"), row("b"))
    listed = DirectLook(sa.select(h.process).where(h.process.in_(["a", "c"])))
    assert [tuple(one) for one in await database.read(lambda conn: listed.rows(conn, {}))] == [("a",)]


async def test_a_value_that_is_missing_is_an_error(database: Database) -> None:
    """And never a null."""
    with pytest.raises(KeyError):
        await database.read(lambda conn: LOOK.rows(conn, {"names": []}))


async def test_it_sees_what_its_transaction_wrote(database: Database) -> None:
    """In a step it is a part of the step, and undone with it."""

    async def step(conn: AsyncConnection) -> Any:
        await conn.execute(sa.insert(heartbeat), [row("a")])
        return await LOOK.rows(conn, ASKED)

    assert len(await database.write(step)) == 1


async def test_sqlalchemy_goes_on_behind_it(database: Database) -> None:
    """One look in both ways, in either order: neither begins what the other has begun, nor does the first take
    SQLAlchemy's way."""
    await add(database, row("a"))

    async def both(conn: AsyncConnection) -> list[int]:
        found = [len(await LOOK.rows(conn, ASKED))]
        assert not conn.in_transaction()
        return [*found, len((await conn.execute(SAID, ASKED)).all()), len(await LOOK.rows(conn, ASKED))]

    assert await database.read(both) == [1, 1, 1]
    assert await database.read(both) == [1, 1, 1]


async def test_rows_are_written_in_their_step(db: Database) -> None:
    """And undone with it."""
    write = DirectWrite(sa.insert(heartbeat))
    await db.write(lambda conn: write.rows(conn, [row("a"), row("b")]))

    async def refused(conn: AsyncConnection) -> None:
        await write.rows(conn, [row("c")])
        raise KeyError

    with pytest.raises(KeyError):
        await db.write(refused)
    assert len(await db.read(lambda conn: LOOK.rows(conn, ASKED))) == 2


async def counts(db: Database, *, begun: bool) -> list[int]:
    """Rows that two looks find between which somebody writes; `begun` is whether the first one begins."""

    async def both(conn: AsyncConnection) -> list[int]:
        driver: Any = (await conn.get_raw_connection()).driver_connection
        found = [len(await LOOK.rows(conn, ASKED))]
        if not begun:
            await driver.rollback()
        await add(db, row("b"))
        return [*found, len(await LOOK.rows(conn, ASKED))]

    return await db.read(both)


async def test_on_sqlite_all_looks_see_one_state(db: Database) -> None:
    """Whoever writes meanwhile changes nothing of it."""
    await add(db, row("a"))
    assert await counts(db, begun=True) == [1, 1]


async def test_without_its_beginning_they_would_not(db: Database) -> None:
    """Twin: the same where the first look leaves no transaction."""
    await add(db, row("a"))
    assert await counts(db, begun=False) == [1, 2]


async def test_behind_a_pooler_it_goes_sqlalchemys_way(postgresql_url: str) -> None:
    """In a transaction that begins with our limits, as each of its transactions may be another server's."""
    pooled = Database(f"{postgresql_url}&pgbouncer=true")

    async def found(conn: AsyncConnection) -> tuple[int, bool, object]:
        rows = await LOOK.rows(conn, ASKED)
        limit = (await conn.execute(sa.text("show lock_timeout"))).scalar_one()
        return len(rows), conn.in_transaction(), limit

    await add(pooled, row("a"))
    assert await pooled.read(found) == (1, True, "5s")
    await pooled.close()


async def test_a_fraction_is_one(database: Database) -> None:
    """On both stores, in a column that is not a whole number."""
    half = DirectLook(sa.select(sa.cast(sa.literal_column("0.5"), sa.Float).label("half")))
    ((value,),) = await database.read(lambda conn: half.rows(conn, {}))
    assert (type(value), value) == (float, 0.5)


async def test_many_rows_are_changed_one_after_the_other(database: Database) -> None:
    """By one statement, as the first of a step or a later one; a refused row undoes the step."""
    change = DirectWrite(
        sa.update(heartbeat).where(h.process == sa.bindparam("of")).values(kind=sa.bindparam("now"))
    )
    await add(database, row("a"), row("b"))

    async def step(conn: AsyncConnection, *kinds: str | None) -> None:
        for kind in kinds:
            await change.rows(conn, [{"of": name, "now": kind} for name in "ab"])

    await database.write(lambda conn: step(conn, "ticker", "worker"))
    with pytest.raises(Exception, match=r"(?i)not.null"):
        await database.write(lambda conn: step(conn, "web", None))
    found = await database.read(lambda conn: conn.execute(sa.select(h.kind)))
    assert found.scalars().all() == ["worker", "worker"]
