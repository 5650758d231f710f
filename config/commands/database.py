"""The database of a command: the one that DATABASE_URL names, opened for one transaction."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import click
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncConnection

from config.failures import Failed
from config.settings import database_url
from foundation import audit
from foundation.audit import Actor
from foundation.clock import now_ms
from foundation.errors import Code, Refusal, Unavailable
from foundation.sql.database import LONG_SECONDS, Database

T = TypeVar("T")


def on_database(work: Callable[[AsyncConnection], Awaitable[T]], actor: Actor | None = None) -> T:
    """Run `work` in one transaction of the database of DATABASE_URL; what an actor is refused is on record."""
    call = click.get_current_context().command_path

    async def opened() -> T:
        database = Database(existing(database_url(os.environ)))
        try:
            return await database.write(work, LONG_SECONDS)
        except Refusal as refusal:
            if actor is not None and not isinstance(refusal, Unavailable):
                await record_refused(database, actor, call, refusal.code)
            raise
        finally:
            await database.close()

    return asyncio.run(opened())


async def record_refused(database: Database, actor: Actor, call: str, code: Code) -> None:
    """One line of the audit for a command that was refused."""
    await database.write(
        lambda conn: audit.record(conn, actor, audit.REFUSED, None, now_ms(), call=call, code=code)
    )


def existing(url: str) -> str:
    """The URL; Failed when it is a SQLite file that is not there, which opening it would make."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").is_file():
        raise Failed(
            f"There is no database at {parsed.database}: set DATABASE_URL, or run `guichet migrate` first."
        )
    return url
