"""How SQL is read and written: `read` for looks, `write` for a step that is committed when it returns.

Everything fails closed: no answer in time is `Unavailable`, nothing half-written. PostgreSQL runs at READ COMMITTED,
and each step is a transaction of its own. SQLite is opened with WAL and `synchronous=FULL`, has one writer at a time,
and pays for every commit with a write to the disk: so the steps that wait in a process are committed together, each in
a savepoint of its own (ADR 0009). A step that is refused undoes itself alone; a commit that fails, fails for all.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from foundation.sql import postgresql, sqlite
from foundation.sql.group_commit import STEP_SECONDS, GroupCommit, T, Work, WriterLock
from foundation.sql.outage import raise_if_away

LONG_SECONDS = 600.0
"""For a step that fills a store before it serves, such as thousands of accounts."""

ANSWER_SECONDS = 5.0
"""From asking the pool for a connection to the server's answer on it; past this it is away."""

PARTING_SECONDS = 1.0
"""For the steps that still run when a process ends. Their callers are gone already."""

FOLD_MS = 1_000
"""The longest that a checkpoint keeps writers waiting for a reader."""


class Database:
    """One SQL store."""

    def __init__(self, url: str, patience_seconds: float = 5.0) -> None:
        self.url = sa.make_url(url)
        self._patience = patience_seconds
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._batches: GroupCommit | None = None
        self._running: set[asyncio.Task[Any]] = set()
        if self.is_sqlite:
            self._reader = self._sqlite("BEGIN")
            self._writer = self._sqlite("BEGIN IMMEDIATE")
            turn = WriterLock(Path(f"{self.url.database}-turn"), patience_seconds)
            self._batches = GroupCommit(self._writer, turn, patience_seconds)
        else:
            # Apart, so that writers who wait for a period's row do not keep everybody from looking.
            self._connector = postgresql.Connector(self.url)
            self._reader, self._writer = self._postgresql(), self._postgresql()

    def _sqlite(self, begin: str) -> AsyncEngine:
        url = self.url.set(drivername="sqlite+aiosqlite")
        engine = create_async_engine(
            url, connect_args={"timeout": self._patience, "async_creator_fn": sqlite.connect},
            pool_size=4, max_overflow=0, pool_timeout=5,
        )  # fmt: skip

        @event.listens_for(engine.sync_engine, "connect")
        def configure(connection: Any, _record: object) -> None:
            connection.isolation_level = None
            cursor = connection.cursor()
            # Autocheckpoint is off because of the WAL reset bug before SQLite 3.51.3: `checkpoint` does it alone.
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "wal_autocheckpoint=0"):
                cursor.execute(f"PRAGMA {pragma}")
            cursor.close()

        @event.listens_for(engine.sync_engine, "begin")
        def start(connection: sa.Connection) -> None:
            driver: Any = connection.connection.driver_connection
            if not driver.in_transaction:  # a look that went to the driver (`direct.py`) has begun it
                connection.exec_driver_sql(begin)

        return engine

    def _postgresql(self) -> AsyncEngine:
        engine = create_async_engine(
            postgresql.at(self.url),
            pool_size=10,
            max_overflow=0,
            pool_timeout=5,
            pool_pre_ping=True,
            isolation_level="READ COMMITTED",
            connect_args={"async_creator_fn": self._connector},
        )
        vars(engine.sync_engine.dialect)["do_ping"] = self._connector.ping

        @event.listens_for(engine.sync_engine, "begin")
        def limit(connection: sa.Connection) -> None:
            if (setting := self._connector.setting) is not None:
                connection.exec_driver_sql(setting)

        return engine

    async def read(self, work: Work[T]) -> T:
        """Run `work` on a connection of its own; nothing it writes is kept. Raises Unavailable."""
        try:
            async with connected(self._reader) as connection:
                return await work(connection)
        except Exception as problem:
            raise_if_away(problem)
            raise

    async def read_long(self, work: Work[T]) -> T:
        """As `read`, for what searches through a long table: on SQLite its statements are executed in the thread, so
        that the loop goes on meanwhile. What is made of the rows is the loop's, so `work` takes few at a time."""

        async def aside(connection: AsyncConnection) -> T:
            driver: Any = (await connection.get_raw_connection()).driver_connection
            driver.is_long = True
            try:
                return await work(connection)
            finally:
                driver.is_long = False

        return await self.read(aside if self.is_sqlite else work)

    async def write(self, step: Work[T], seconds: float = STEP_SECONDS, *, is_single: bool = False) -> T:
        """Run `step`, committed when this returns; it must end within so many seconds. Raises Unavailable.

        It runs to its end even if the caller is cancelled: a statement in SQLite's thread cannot be called back. A step
        has the writer in its hand, so it makes no network call and writes nothing by itself. `is_single`: it is one
        statement, a `DirectLook`, which PostgreSQL commits by itself: two ways to the server less.
        """
        if self._batches is not None:
            return await self._batches.write(step, seconds)
        running = asyncio.ensure_future(self._alone(step, is_single))
        self._running.add(running)
        running.add_done_callback(self._running.discard)
        return await asyncio.shield(running)

    async def _alone(self, step: Work[T], is_single: bool) -> T:
        try:
            async with connected(self._writer) as connection:
                # A pooler's transactions begin with our limits.
                if is_single and not self._connector.is_pooled:
                    return await step(connection)
                async with connection.begin():
                    return await step(connection)
        except Exception as problem:
            raise_if_away(problem)
            raise

    async def checkpoint(self) -> None:
        """Fold SQLite's write-ahead log into the file while no process writes. Nothing to do on PostgreSQL.

        It waits for a reader with the turn in its hand, and so makes all writers wait: a second at most, and a log that
        could not be folded now is folded later.
        """
        if self._batches is not None:
            async with self._batches.turn.mine(), self._writer.connect() as connection:
                driver: Any = (await connection.get_raw_connection()).driver_connection
                await driver.execute(f"PRAGMA busy_timeout={FOLD_MS}")
                try:
                    await driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                finally:
                    await driver.execute(f"PRAGMA busy_timeout={round(self._patience * 1000)}")

    async def close(self) -> None:
        """End what waits, then close. On PostgreSQL a step that takes longer than a second is undone."""
        if self._batches is not None:
            await self._batches.close()
        if self._running:  # a connection that comes back after `dispose` would never be closed
            _, late = await asyncio.wait(self._running, timeout=PARTING_SECONDS)
            for step in late:
                step.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self._writer.dispose()
        await self._reader.dispose()


@contextlib.asynccontextmanager
async def connected(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A connection that answered within the last second (`postgresql.py`). TimeoutError when none does: a server that
    is frozen for longer is found out here."""
    async with asyncio.timeout(ANSWER_SECONDS):
        connection = await engine.connect()
    try:
        yield connection
    finally:
        await connection.close()
