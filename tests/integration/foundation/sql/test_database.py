"""A SQL store: steps that still run when it closes, and a server that stands still."""

import asyncio
import signal
from typing import Any

import asyncpg
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from config.migrations import migrate
from foundation import heartbeat
from foundation.errors import Unavailable
from foundation.sql.database import Database, connected
from foundation.sql.direct import DirectLook
from quota import ledger
from tests.support.outages import frozen_tree
from tests.support.processes.emptied import OURS
from tests.support.processes.postgres import FORGETFUL, postgresql
from tests.support.rooms import make_period


async def nothing(conn: AsyncConnection) -> None:
    """A transaction that needs the writer's turn and nothing else."""


async def test_a_step_whose_caller_went_away_is_waited_for_at_the_end(database_url: str) -> None:
    """Closing ends what runs, then its connection: one that came back later would stay open for good."""
    database = Database(database_url)
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def step(conn: AsyncConnection) -> None:
        begun.set()
        await go_on.wait()
        await conn.execute(sa.insert(heartbeat.heartbeat).values(process="me", kind="web", beats=1, at=1))

    gone = asyncio.create_task(database.write(step))
    await begun.wait()
    gone.cancel()
    await asyncio.wait([gone])
    closing = asyncio.create_task(database.close())
    await asyncio.wait([closing], timeout=0.1)
    assert not closing.done()
    go_on.set()
    await closing
    again = Database(database_url)
    assert await again.read(lambda conn: conn.scalar(sa.select(heartbeat.heartbeat.c.beats))) == 1
    await again.close()


async def test_a_step_that_does_not_end_is_undone_at_the_end(postgresql_url: str) -> None:
    """A process that ends has seconds; of its store nothing is half-written, and no connection stays."""
    database = Database(postgresql_url)
    begun, never = asyncio.Event(), asyncio.Event()

    async def step(conn: AsyncConnection) -> None:
        await conn.execute(sa.insert(heartbeat.heartbeat).values(process="me", kind="web", beats=1, at=1))
        begun.set()
        await never.wait()

    gone = asyncio.create_task(database.write(step))
    await begun.wait()
    gone.cancel()
    async with asyncio.timeout(4):
        await database.close()
    again = Database(postgresql_url)
    assert await again.read(lambda conn: conn.scalar(sa.select(sa.func.count(heartbeat.heartbeat.c.at)))) == 0
    ours = "datname = current_database() and application_name <> :other"
    connections = sa.text(f"select count(*) from pg_stat_activity where {ours}").bindparams(other=OURS)
    assert await again.read(lambda conn: conn.scalar(connections)) == 1
    await again.close()


@pytest.mark.slow
async def test_a_frozen_server_is_said_to_be_away_within_seconds() -> None:
    """Neither a look nor a step waits out every deadline there is: both are told before a browser gives up (503)."""
    with postgresql(*FORGETFUL) as folder:
        url = f"postgresql://postgres@/postgres?host={folder}"
        await asyncio.to_thread(lambda: asyncio.run(migrate(url)))
        db = Database(url)
        period = await make_period(db)
        frozen_tree(folder, signal.SIGSTOP)
        try:
            for work in (db.read, db.write):
                async with asyncio.timeout(12):
                    with pytest.raises(Unavailable):
                        await work(lambda conn: ledger.lock(conn, period.uid))
        finally:
            frozen_tree(folder, signal.SIGCONT)
        assert await db.write(lambda conn: ledger.lock(conn, period.uid)) == period
        await db.close()


BEATS = DirectLook(
    sa.text(
        "insert into heartbeat (process, kind, beats, marks, at) "
        "values (:process, 'web', 1, 0, cast(:at as bigint)) returning process"
    )
)


async def beat(conn: AsyncConnection, process: str) -> str:
    """A step that is one statement. One process has but one row."""
    ((written,),) = await BEATS.rows(conn, {"process": process, "at": 1})
    return str(written)


async def beats(database: Database) -> set[str]:
    processes = sa.select(heartbeat.heartbeat.c.process)
    return set(await database.read(lambda conn: conn.scalars(processes)))


@pytest.mark.parametrize(("is_single", "around"), [(True, []), (False, ["BEGIN", "COMMIT"])])
async def test_one_statement_is_committed_by_itself(
    postgresql_url: str, is_single: bool, around: list[str]
) -> None:
    """It is there for everybody, and PostgreSQL was asked once; any other step has a beginning and an end."""
    database, asked = Database(postgresql_url), list[str]()
    try:
        async with connected(database._writer) as conn:
            driver: Any = (await conn.get_raw_connection()).driver_connection
        await database.write(lambda conn: beat(conn, "a"), is_single=is_single)
        driver.add_query_logger(lambda record: asked.append(record.query))
        assert await database.write(lambda conn: beat(conn, "b"), is_single=is_single) == "b"
        words = [one.partition(" ")[0].rstrip(";") for one in asked]
        assert [word for word in words if word in ("BEGIN", "COMMIT")] == around
        assert await beats(database) == {"a", "b"}
    finally:
        await database.close()


async def test_behind_a_pooler_one_statement_is_committed_too(postgresql_url: str) -> None:
    """With a beginning and an end, as there its limits come with the transaction: it would be taken back without."""
    database = Database(
        sa.make_url(postgresql_url).update_query_dict({"pgbouncer": "true"}).render_as_string(False)
    )
    try:
        assert await database.write(lambda conn: beat(conn, "a"), is_single=True) == "a"
        assert await beats(database) == {"a"}
        vars(database._connector)["is_pooled"] = False  # twin: as if none were there
        await database.write(lambda conn: beat(conn, "b"), is_single=True)
        assert await beats(database) == {"a"}
    finally:
        await database.close()


async def a_step_that_fails(database: Database, is_single: bool) -> set[str]:
    """What stays of two statements whose second one fails."""

    async def two(conn: AsyncConnection) -> None:
        await beat(conn, "a")
        await beat(conn, "a")

    with pytest.raises((sa.exc.IntegrityError, asyncpg.UniqueViolationError)):
        await database.write(two, is_single=is_single)
    return await beats(database)


async def test_a_step_of_two_statements_is_whole_or_nothing(postgresql_url: str) -> None:
    """And its twin: said to be one, it is half-done."""
    database = Database(postgresql_url)
    try:
        assert await a_step_that_fails(database, False) == set()
        assert await a_step_that_fails(database, True) == {"a"}
    finally:
        await database.close()
