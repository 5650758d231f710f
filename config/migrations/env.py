"""Alembic runs this for every command: which tables there are, and on which connection to work."""

import asyncio
import os

import sqlalchemy as sa
from alembic import context

from config.migrations import engine_for
from foundation.sql.tables import metadata


def run(connection: sa.Connection) -> None:
    context.configure(
        connection=connection, target_metadata=metadata, render_as_batch=connection.dialect.name == "sqlite"
    )
    with context.begin_transaction():
        context.run_migrations()


async def connect_and_run() -> None:
    """For `alembic revision --autogenerate` and its kin, which bring no connection."""
    engine = engine_for(os.environ["DATABASE_URL"])
    async with engine.begin() as connection:
        await connection.run_sync(run)
    await engine.dispose()


given = context.config.attributes.get("connection")

if given is None:
    asyncio.run(connect_and_run())
else:
    run(given)
