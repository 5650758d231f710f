"""The guard of all tests: on SQLite, rows that nobody asked an order for come the other way round."""

import sqlite3
from contextlib import closing

import sqlalchemy as sa

from foundation.sql.database import Database
from quota import store
from tests.support.rooms import make_period

p = store.period.c

MADE = ["a", "b", "c"]


async def made(database: Database) -> None:
    """Periods in the order in which they stand in the table."""
    for ordinal, id in enumerate(MADE, 1):
        await make_period(database, id=id, ordinal=ordinal)


async def found(database: Database, *order: sa.ColumnElement[object]) -> list[str]:
    """Their names as SQL gives them."""
    rows = await database.read(lambda conn: conn.execute(sa.select(p.id, p.cap).order_by(*order)))
    return [row.id for row in rows]


async def test_who_asks_for_no_order_gets_the_other_one(on_sqlite: Database) -> None:
    """In steps that write too; who asks for one has it."""
    await made(on_sqlite)
    assert await found(on_sqlite) == MADE[::-1]
    within = await on_sqlite.write(lambda conn: conn.execute(sa.select(p.id, p.cap)))
    assert [row.id for row in within] == MADE[::-1]
    assert await found(on_sqlite, p.id) == MADE


async def test_without_the_guard_the_order_of_the_table_would_do(on_sqlite: Database) -> None:
    """Twin: a connection that no engine made gives rows as they were written, and nobody would be found out."""
    await made(on_sqlite)
    with closing(sqlite3.connect(on_sqlite.url.database or "")) as plain:
        rows = plain.execute("select id, cap from period").fetchall()
    assert [id for id, _ in rows] == MADE
