"""SQLite's statements run where they are asked; only what waits goes to the thread (ADR 0014)."""

import asyncio
import threading
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.errors import Unavailable
from foundation.heartbeat import heartbeat
from foundation.sql.database import Database
from foundation.sql.sqlite import MOST_AT_ONCE, InlineConnection, Outcome
from tests.integration.foundation.sql.test_group_commit import put


async def errands(db: Database, statements: int) -> int:
    """How many errands to the thread a step of so many statements takes."""

    async def step(conn: AsyncConnection) -> int:
        raw: Any = (await conn.get_raw_connection()).driver_connection
        before = int(raw._sent)
        for n in range(statements):
            await put(conn, f"{statements} {n}")
        return int(raw._sent) - before

    return await db.write(step)


async def test_a_statement_in_a_transaction_is_no_errand_to_the_thread(db: Database) -> None:
    """However many there are: the way to the thread and back costs more than they do (ADR 0014)."""
    assert [await errands(db, statements) for statements in (1, 20)] == [0, 0]


async def test_only_a_long_list_of_statements_is_an_errand(db: Database) -> None:
    """As many rows as people save together are written at once; more wait in the thread."""

    async def put_all(conn: AsyncConnection, rows: int) -> int:
        raw: Any = (await conn.get_raw_connection()).driver_connection
        before = int(raw._sent)
        found = [{"process": f"{rows} {n}", "kind": "web", "beats": 1, "at": 1} for n in range(rows)]
        await conn.execute(sa.insert(heartbeat), found)
        return int(raw._sent) - before

    assert await db.write(lambda conn: put_all(conn, MOST_AT_ONCE)) == 0
    assert await db.write(lambda conn: put_all(conn, MOST_AT_ONCE + 1)) == 1


async def test_what_is_under_way_in_the_thread_is_waited_for(db: Database) -> None:
    """Somebody stopped waiting for it; it is still first, and so no two use one connection at once."""
    order: list[str] = []

    def slowly() -> None:
        threading.Event().wait(0.1)
        order.append("thread")

    async with db._reader.connect() as conn:
        await conn.execute(sa.select(1))
        raw: Any = (await conn.get_raw_connection()).driver_connection
        gone = asyncio.create_task(raw._execute(slowly))
        await asyncio.sleep(0)
        gone.cancel()
        await raw.run("execute", "SELECT 1", ())
        order.append("statement")
    assert order == ["thread", "statement"]


async def test_a_long_look_is_the_threads_and_the_next_one_is_not(db: Database) -> None:
    """What searches through a long table is executed beside the loop; the same connection answers within it again."""
    run, where = InlineConnection._run, list[int]()

    def watched(self: InlineConnection, *args: Any) -> Outcome:
        where.append(threading.get_ident())
        return run(self, *args)

    async def look(conn: AsyncConnection) -> int:
        return int((await conn.execute(sa.text("select 7"))).scalar_one())

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(InlineConnection, "_run", watched)
        assert await db.read_long(look) == 7
        assert threading.get_ident() not in where
        with pytest.raises(Unavailable):
            await db.read_long(lambda conn: conn.execute(sa.text("select missing from nowhere")))
        where.clear()
        assert await db.read(look) == 7
        assert set(where) == {threading.get_ident()}
