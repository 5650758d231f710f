"""PostgreSQL through a pooler and without one: the same steps, with the same limits."""

import asyncio
from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.errors import Unavailable
from foundation.sql import postgresql
from foundation.sql.database import Database
from tests.support.compat import Seen
from tests.support.processes import poolers
from tests.support.processes.poolers import Pooler

MODES = ("session", "transaction")

TOGETHER, ROUNDS = 20, 10

needs_pgbouncer = pytest.mark.skipif(poolers.PROGRAM is None, reason="needs PgBouncer (Debian: pgbouncer)")


@pytest.fixture(params=MODES)
def pooler(request: pytest.FixtureRequest, postgresql_url: str) -> Iterator[Pooler]:
    # Fewer connections than ask at once: in transaction pooling each of them serves many.
    connections = 40 if request.param == "session" else 3
    with poolers.pgbouncer(postgresql_url, request.param, connections) as running:
        yield running


async def limits(connection: AsyncConnection) -> list[str]:
    names = ", ".join(f"current_setting('{name}')" for name in postgresql.LIMITS)
    return list((await connection.execute(sa.text(f"select {names}"))).one())


async def add(connection: AsyncConnection, number: int) -> int:
    """One of three statements, so that what one connection prepared would not be what another one asks."""
    by = number % 3
    said = await connection.execute(
        sa.text(f"select cast(:n as integer) + {by}, pg_backend_pid()"), {"n": number}
    )
    return int(said.one()[0]) - by


@needs_pgbouncer
@pytest.mark.compat
async def test_steps_through_a_pooler_are_right_and_limited(
    pooler: Pooler, request: pytest.FixtureRequest, seen: Seen
) -> None:
    """Each answers its own question, whichever server connection it gets, and has the same limits as without."""
    database, mode = Database(pooler.url), request.node.callspec.params["pooler"]
    try:
        for first in range(ROUNDS):
            numbers = [first * TOGETHER + n for n in range(TOGETHER)]
            steps = [database.write(lambda c, n=n: add(c, n)) for n in numbers]  # type: ignore[misc]
            assert await asyncio.gather(*steps) == numbers
        assert await database.read(limits) == ["5s", "10s", "5s"]
        assert await database.write(limits) == ["5s", "10s", "5s"]
    finally:
        await database.close()
    seen(
        "pooler",
        f"PgBouncer, {mode} pooling",
        pooler.version,
        f"noticed; {ROUNDS * TOGETHER} of {ROUNDS * TOGETHER} steps right, with their limits",
    )


@needs_pgbouncer
async def test_without_being_noticed_a_pooler_breaks_them(pooler: Pooler) -> None:
    """Twin: told that no pooler stands between, not one step is done."""
    database = Database(
        sa.make_url(pooler.url).update_query_dict({"pgbouncer": "false"}).render_as_string(False)
    )
    try:
        with pytest.raises((Unavailable, sa.exc.DBAPIError, asyncpg.PostgresError)):
            await database.write(lambda c: add(c, 0))
    finally:
        await database.close()


async def test_reached_directly_the_server_is_told_once(postgresql_url: str) -> None:
    """No pooler is found, and the limits are the connection's."""
    database = Database(postgresql_url)
    try:
        assert await database.read(limits) == ["5s", "10s", "5s"]
        assert database._connector.is_pooled is False
        assert database._connector.setting is None
    finally:
        await database.close()


async def listen(connection: AsyncConnection, asked: list[str]) -> None:
    driver: Any = (await connection.get_raw_connection()).driver_connection
    driver.add_query_logger(lambda record: asked.append(record.query))


@pytest.mark.parametrize(("believed", "times"), [(60.0, 1), (0.0, 3)])
async def test_a_server_that_said_it_is_there_is_believed(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch, believed: float, times: int
) -> None:
    """It is asked once in a while; the twin, which believes for no time, asks before each look."""
    monkeypatch.setattr(postgresql, "HEARD_SECONDS", believed)
    database, asked = Database(postgresql_url), list[str]()
    try:
        await database.read(lambda conn: listen(conn, asked))
        for _ in range(3):
            await database.read(limits)
        assert asked.count("SELECT 1") == times
    finally:
        await database.close()


async def server_process(connection: AsyncConnection) -> int:
    return int((await connection.execute(sa.text("select pg_backend_pid()"))).scalar_one())


async def after_its_connection_was_ended(database: Database, url: str) -> int | None:
    """What a look brings after the server ended the connection that it was believed on: another process of it."""

    async def process(connection: AsyncConnection) -> tuple[int, Any]:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        return driver.get_server_pid(), driver

    await database.read(process)
    before, driver = await database.read(process)
    other = await asyncpg.connect(url)
    await other.execute("select pg_terminate_backend($1)", before)
    await other.close()
    async with asyncio.timeout(5):
        while not driver.is_closed():
            await asyncio.sleep(0.01)
    found = await database.read(server_process)
    return found if found != before else None


async def test_a_connection_that_the_server_ended_is_not_believed(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next look has another one, however lately this one was heard."""
    monkeypatch.setattr(postgresql, "HEARD_SECONDS", 60.0)
    database = Database(postgresql_url)
    try:
        assert await after_its_connection_was_ended(database, postgresql_url) is not None
    finally:
        await database.close()


async def test_one_that_is_always_believed_fails(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: a look that goes to a closed connection fails."""
    monkeypatch.setattr(postgresql.Connector, "ping", lambda *_: True)
    database = Database(postgresql_url)
    try:
        with pytest.raises(Unavailable):
            await after_its_connection_was_ended(database, postgresql_url)
    finally:
        await database.close()
