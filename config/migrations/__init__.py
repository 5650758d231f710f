"""The tables of both stores, step by step (Alembic). `migrate` brings a database to the newest step.

One transaction for all steps, behind one lock: a migration that fails leaves nothing, and two that start at once do the
work once. Each step works on SQLite and on PostgreSQL.
"""

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from config.failures import UnknownVersion
from foundation import audit
from foundation.audit import By
from foundation.clock import now_ms
from foundation.sql import postgresql

if TYPE_CHECKING:
    from alembic.config import Config

LOCK = 0x6775696368
"""Names the lock on PostgreSQL: any number will do that nothing else in the database uses."""

WAIT_SECONDS = 60.0
"""How long a second migration waits for the first."""


def configuration() -> "Config":
    """Alembic's configuration, in code: nothing is read from the place the command is started in.

    Alembic is loaded where something is migrated: every process asks for the step, and it takes a quarter of a second.
    """
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config


MIGRATE = "migrate"
"""The act in the audit; `before` and `after` have the step."""


async def migrate(
    database_url: str,
    by: By | None = None,
    admit: Callable[[AsyncConnection], Awaitable[None]] | None = None,
) -> None:
    """Bring the database to the newest step, on the record if it says by whom. Harmless when it is there, and when
    several call it at once.

    `admit` is asked whether they may, once the tables are there; what it raises undoes every step. Raises sqlalchemy's
    OperationalError or OSError when the database does not answer, UnknownVersion when it is newer than this program.
    """
    engine = engine_for(database_url)
    try:
        async with engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                await connection.execute(sa.text("select pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            before = await connection.run_sync(step_of)
            await connection.run_sync(upgrade)
            after = await connection.run_sync(step_of)
            if admit is not None:
                await admit(connection)
            if by is not None and before != after:
                old, new = {"step": before}, {"step": after}
                await audit.record(connection, by, MIGRATE, None, now_ms(), before=old, after=new)
        if engine.dialect.name == "sqlite":
            await use_write_ahead_log(engine)
    finally:
        await engine.dispose()


def known_steps() -> list[str]:
    """All steps of this program, in their order: a file each, named by its number."""
    return sorted(path.name.partition("_")[0] for path in Path(__file__).parent.glob("versions/[0-9]*.py"))


async def at_step(connection: AsyncConnection) -> str | None:
    """As `step_of`."""
    return await connection.run_sync(step_of)


def step_of(connection: sa.Connection) -> str | None:
    """The step at which the database is; None for one without tables. Nothing that migrates is loaded for it."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(sa.text("select version_num from alembic_version")).scalar_one_or_none()


def newest_step() -> str:
    """The step that this program needs: the last of its own."""
    return known_steps()[-1]


def upgrade(connection: sa.Connection) -> None:
    """The steps that are missing, on this connection and in its transaction."""
    from alembic import command
    from alembic.util import CommandError

    config = configuration()
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as problem:
        raise UnknownVersion(str(problem)) from problem


async def use_write_ahead_log(engine: AsyncEngine) -> None:
    """Switch the file to WAL, once for all: the mode stays in the file.

    SQLite does not wait for others here, so this does.
    """
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            async with engine.connect() as connection:
                raw = await connection.get_raw_connection()
                await raw.driver_connection.execute("PRAGMA journal_mode=WAL")  # type: ignore[union-attr]
            return
        except (OperationalError, sqlite3.OperationalError):
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.05)


def engine_for(database_url: str) -> AsyncEngine:
    """An engine for one migration; on SQLite its transaction holds the writer's lock from the start."""
    url = sa.make_url(database_url)
    if url.get_backend_name() != "sqlite":
        opened = {"async_creator_fn": postgresql.Connector(url, limits=False)}
        return create_async_engine(postgresql.at(url), poolclass=sa.pool.NullPool, connect_args=opened)
    # Opened plainly first: when that fails, aiosqlite's thread outlives the loop and prints a traceback of its own.
    sqlite3.connect(url.database or "").close()
    engine = create_async_engine(
        url.set(drivername="sqlite+aiosqlite"),
        poolclass=sa.pool.NullPool,
        connect_args={"timeout": WAIT_SECONDS},
    )

    @event.listens_for(engine.sync_engine, "connect")
    def configure(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def start(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
