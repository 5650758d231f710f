"""Rows that have one of many values: found on both stores, and by an index, however small the table is."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.heartbeat import heartbeat
from foundation.sql.database import Database
from foundation.sql.lookups import Lookup
from foundation.sql.tables import Many, among
from tests.support.processes.statements import plan

h = heartbeat.c

FOUND = Lookup([h.process, h.at], (h.kind, "kind"), [(h.process, "names", [h.beats == 1]), (h.at, "ats", [])])

row = sa.Table(
    "looked_at",
    sa.MetaData(),
    sa.Column("period", sa.Text),
    sa.Column("number", sa.BigInteger),
    sa.Column("tick", sa.BigInteger),
    sa.Column("more", sa.Text),
    sa.Index("ix_looked_at_number", "period", "number"),
    sa.Index("ix_looked_at_tick", "period", "tick"),
    prefixes=["temporary"],
)
"""With the statistics and the indexes that a test gives it: in a database that tests share, a table has those of all
before. The index of the tick, which many rows have in common, is the smaller one."""

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


def left_the_choice(here: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """Each value looks itself up, in a period whose value is written as a parameter."""
    given = sa.func.unnest(sa.bindparam("numbers", type_=Many(row.c.number.type)))
    asked = given.table_valued(sa.column("value", row.c.number.type)).render_derived("asked")
    alone = sa.select(row.c.tick).where(here, row.c.number == asked.c.value).offset(sa.literal_column("0"))
    return sa.select(sa.literal_column("1")).select_from(
        asked.join(alone.correlate(asked).lateral("alone"), sa.true())
    )


def rows(period: str, many: int) -> list[dict[str, Any]]:
    return [
        {"period": period, "number": number, "tick": 7, "more": "…" * 60} for number in range(1, many + 1)
    ]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_postgresql_takes_the_index_of_a_small_table(database: Database) -> None:
    """For as many values as submit together. Twin: left the choice, it reads every row of some hundred."""
    ours = Lookup([row.c.tick], (row.c.period, "uid"), [(row.c.number, "numbers", [])])
    among_all = sa.select(row.c.tick).where(
        row.c.period == sa.bindparam("uid"), among(row.c.number, "numbers")
    )
    values = {"uid": "here", "numbers": list(range(TOGETHER))}

    async def plans(conn: AsyncConnection) -> list[str]:
        await conn.run_sync(row.create)
        await conn.execute(sa.insert(row), rows("here", ROWS))
        await conn.execute(sa.text("analyze looked_at"))
        return [await plan(conn, one, values) for one in (ours.looks["postgresql"].statement, among_all)]

    planned, chosen = await database.write(plans)
    assert "Index Scan using ix_looked_at_number" in planned and "Seq Scan" not in planned
    assert "Seq Scan on looked_at" in chosen


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_postgresql_takes_the_index_of_the_column_in_a_period_that_its_statistics_have_not_met(
    database: Database,
) -> None:
    """Of two indexes that begin with the period, whatever it knows of the intakes before. Twin: shown the period, it
    takes the smaller one, and reads all of that for each value."""
    ours = Lookup([row.c.tick], (row.c.period, "uid"), [(row.c.number, "numbers", [])])
    shown = left_the_choice(row.c.period == sa.bindparam("uid"))
    values = {"uid": "here", "numbers": list(range(TOGETHER))}

    async def plans(conn: AsyncConnection) -> list[str]:
        await conn.run_sync(row.create)
        await conn.execute(sa.insert(row), rows("before", ROWS))
        await conn.execute(sa.text("analyze looked_at"))
        await conn.execute(sa.insert(row), rows("here", 2 * ROWS))
        return [await plan(conn, one, values) for one in (ours.looks["postgresql"].statement, shown)]

    planned, chosen = await database.write(plans)
    assert "using ix_looked_at_number" in planned and "ix_looked_at_tick" not in planned
    assert "using ix_looked_at_tick" in chosen
