"""PostgreSQL through a pooler and without one: the same steps, with the same limits."""

import asyncio
from collections.abc import Iterator

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
