"""The database of a command: the one that DATABASE_URL names, opened for one transaction."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncConnection

from config.failures import Failed
from config.settings import database_url

T = TypeVar("T")


def on_database(work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
    """Run `work` in one transaction of the database of DATABASE_URL."""
    from foundation.sql.database import LONG_SECONDS, Database

    async def opened() -> T:
        database = Database(existing(database_url(os.environ)))
        try:
            return await database.write(work, LONG_SECONDS)
        finally:
            await database.close()

    return asyncio.run(opened())


def existing(url: str) -> str:
    """The URL; Failed when it is a SQLite file that is not there, which opening it would make."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").is_file():
        raise Failed(
            f"There is no database at {parsed.database}: set DATABASE_URL, or run `guichet migrate` first."
        )
    return url
