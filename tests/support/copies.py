"""Copies of the stores, made and restored as an operator does: the whole of SQL, the folder of a Valkey."""

import shutil
import sqlite3
from pathlib import Path
from uuid import uuid4

import sqlalchemy as sa

from config.processes.embedded import Valkey
from tests.conftest import administer
from tests.support.processes.emptied import OURS
from tests.support.processes.postgres import START_SECONDS


async def copy_sql(url: str, folder: Path) -> str:
    """A copy of the database, by the name under which it is restored. On PostgreSQL nobody may be connected,
    but for whoever will empty the database after the test."""
    parsed = sa.make_url(url)
    name = f"copy_{uuid4().hex[:12]}"
    if parsed.get_backend_name() == "sqlite":
        with sqlite3.connect(str(parsed.database)) as live, sqlite3.connect(folder / name) as copy:
            live.backup(copy)
        live.close()
        copy.close()
        return str(folder / name)
    await administer(
        str(parsed.query["host"]),
        "select pg_terminate_backend(pid) from pg_stat_activity "
        f"where datname = '{parsed.database}' and application_name = '{OURS}'",
        f"create database {name} template {parsed.database}",
    )
    return name


async def restore_sql(url: str, copy: str) -> None:
    """Put a copy in the place of the database. Whoever is connected to PostgreSQL is thrown out."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        for beside in ("", "-wal", "-shm"):
            Path(f"{parsed.database}{beside}").unlink(missing_ok=True)
        shutil.copy(copy, str(parsed.database))
        return
    await administer(
        str(parsed.query["host"]),
        f"drop database {parsed.database} with (force)",
        f"create database {parsed.database} template {copy}",
    )


def copy_redis(server: Valkey, into: Path) -> Path:
    """A copy of its folder as it is now: with `appendfsync always` what was acknowledged is in it."""
    return Path(shutil.copytree(server.data, into, ignore=shutil.ignore_patterns("*.sock")))


def restore_redis(server: Valkey, copy: Path | None) -> None:
    """Start it on a copy, or (None) on nothing."""
    server.kill()
    shutil.rmtree(server.data)
    if copy is not None:
        shutil.copytree(copy, server.data)
    server.start(deadline_seconds=START_SECONDS)
