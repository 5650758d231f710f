"""Rows that have one of many values: found on both stores, and by an index, however small the table is."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.heartbeat import heartbeat
from foundation.sql.database import Database
from foundation.sql.lookups import Lookup
from foundation.sql.tables import Many, among
from quota import store as quota_store
from tests.support.rooms import make_period

h, t = heartbeat.c, quota_store.token.c

FOUND = Lookup([h.process, h.at], [(h.process, "names", [h.kind == sa.bindparam("kind")]), (h.at, "ats", [])])

HERE = t.period == sa.bindparam("uid")

TOGETHER, ROWS = 128, 300


async def test_rows_are_found_by_one_of_several_columns(database: Database) -> None:
    """With their own conditions; no values find nothing, and values of no row too."""
    rows = [
        {"process": name, "kind": kind, "beats": 1, "marks": 0, "at": n}
        for n, (name, kind) in enumerate((("a", "web"), ("b", "ticker"), ("c", "web"), ("d", "web")))
    ]
    await database.write(lambda conn: conn.execute(sa.insert(heartbeat), rows))

    async def found(names: list[str], ats: list[int]) -> set[str]:
        asked = {"names": names, "ats": ats, "kind": "web"}
        return {row[0] for row in await database.read(lambda conn: FOUND.rows(conn, asked))}

    assert await found(["a", "b", "nobody"], [3]) == {"a", "d"}
    assert await found([], []) == await found(["b"], [99]) == set()
    assert await found(["c", "c"], [2, 2]) == {"c"}


async def plan(conn: AsyncConnection, statement: Any, values: dict[str, Any]) -> str:
    """How PostgreSQL would go about this statement."""
    dialect: sa.Dialect = postgresql.asyncpg.dialect()  # type: ignore[no-untyped-call]
    compiled = statement.compile(dialect=dialect)
    driver: Any = (await conn.get_raw_connection()).driver_connection
    lines = await driver.fetch(f"explain {compiled}", *(values[name] for name in compiled.positiontup))
    return "\n".join(line[0] for line in lines)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_postgresql_takes_the_index_of_a_small_table(database: Database) -> None:
    """For as many values as submit together. Twin: left the choice, it reads every row of some hundred."""
    period = await make_period(database)
    rows = [{"period": period.uid, "number": number, "state": "used"} for number in range(1, ROWS + 1)]
    found = [t.number, t.account]
    ours = Lookup(found, [(t.number, "numbers", [HERE])]).looks["postgresql"].statement
    left_the_choice = sa.select(*found).where(HERE, among(t.number, "numbers"))
    values = {"uid": period.uid, "numbers": list(range(TOGETHER))}

    async def plans(conn: AsyncConnection) -> list[str]:
        await conn.execute(sa.insert(quota_store.token), rows)
        await conn.execute(sa.text("analyze token"))
        return [await plan(conn, one, values) for one in (ours, left_the_choice)]

    planned, chosen = await database.write(plans)
    assert "Index Scan using uq_token_period_number" in planned and "Seq Scan" not in planned
    assert "Seq Scan on token" in chosen


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_postgresql_takes_the_index_of_the_column_without_statistics(database: Database) -> None:
    """Of two indexes that begin with the period, before anything could count its rows. Twin: asked for the value alone,
    it takes the other one, and reads all of that for each value."""
    period = await make_period(database)
    rows = [
        {"period": period.uid, "number": number, "state": "live", "account": number, "ends": 600_000}
        for number in range(1, 5 * ROWS + 1)
    ]
    live, found = t.state == sa.literal_column("'live'"), [t.number, t.account]
    ours = Lookup(found, [(t.account, "accounts", [HERE, live])]).looks["postgresql"].statement
    given = sa.func.unnest(sa.bindparam("accounts", type_=Many(t.account.type)))
    asked = given.table_valued(sa.column("value", t.account.type)).render_derived("asked")
    alone = sa.select(*found).where(HERE, live, t.account == asked.c.value).offset(sa.literal_column("0"))
    of_each = alone.correlate(asked).lateral("of_each")
    left_the_choice = sa.select(*of_each.c).select_from(asked.join(of_each, sa.true()))
    values = {"uid": period.uid, "accounts": list(range(TOGETHER))}

    async def plans(conn: AsyncConnection) -> list[str]:
        await conn.execute(sa.insert(quota_store.token), rows)
        return [await plan(conn, one, values) for one in (ours, left_the_choice)]

    planned, chosen = await database.write(plans)
    assert "Index Scan using uq_token_live_account" in planned
    assert "uq_token_live_account" not in chosen
