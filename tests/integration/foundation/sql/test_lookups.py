"""Rows that have one of many values: found on both stores, and by an index, however small the table is."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.heartbeat import heartbeat
from foundation.sql.database import Database
from foundation.sql.lookups import Lookup
from foundation.sql.tables import among
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


async def plan(database: Database, statement: Any, values: dict[str, Any]) -> str:
    """How PostgreSQL would go about this statement."""
    dialect: sa.Dialect = postgresql.asyncpg.dialect()  # type: ignore[no-untyped-call]
    compiled = statement.compile(dialect=dialect)

    async def explained(conn: AsyncConnection) -> str:
        driver: Any = (await conn.get_raw_connection()).driver_connection
        lines = await driver.fetch(f"explain {compiled}", *(values[name] for name in compiled.positiontup))
        return "\n".join(line[0] for line in lines)

    return await database.read(explained)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_postgresql_takes_the_index_of_a_small_table(database: Database) -> None:
    """For as many values as submit together. Twin: left the choice, it reads every row of some hundred."""
    period = await make_period(database)
    rows = [{"period": period.uid, "number": number, "state": "used"} for number in range(1, ROWS + 1)]
    await database.write(lambda conn: conn.execute(sa.insert(quota_store.token), rows))
    await database.write(lambda conn: conn.execute(sa.text("analyze token")))
    values = {"uid": period.uid, "numbers": list(range(TOGETHER))}
    found = [t.number, t.account]
    ours = Lookup(found, [(t.number, "numbers", [HERE])]).looks["postgresql"].statement
    assert "Seq Scan" not in (planned := await plan(database, ours, values))
    assert "Index Scan using uq_token_period_number" in planned
    left_the_choice = sa.select(*found).where(HERE, among(t.number, "numbers"))
    assert "Seq Scan on token" in await plan(database, left_the_choice, values)
