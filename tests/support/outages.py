"""Stores that are away: how they fall silent, and how a test waits until they are back."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

from config.processes.embedded import Valkey
from config.processes.ticker import Ticker
from config.processes.worker import ENTRY
from config.stores import open_queue
from foundation.doorbell import QUEUE_SECONDS, Doorbell
from foundation.errors import Unavailable
from foundation.heartbeat import Heartbeat
from foundation.loops.ending import end
from foundation.sql.database import Database
from quota import ledger
from tests.support.processes.postgres import IMMEDIATE, PostgresServer
from tests.support.rooms import Hall
from waitingroom.feed.feed import Feed
from waitingroom.feed.watcher import Watcher

NOWHERE = "postgresql://postgres@/nothing?host=/nonexistent"


@contextlib.contextmanager
def ticker_of(h: Hall, redis_url: str) -> Iterator[Ticker]:
    """A ticker with this hall's stores."""
    bell = Doorbell(h.db, open_queue(redis_url, QUEUE_SECONDS), ENTRY, h.events)
    yield Ticker(h.db, h.room, bell, Heartbeat(h.db, "ticker"), 0.05)
    bell.close()


async def call_only(db: Database, uid: str, epoch: int, number: int) -> None:
    """The call is committed, and the process dies, or Redis falls silent, before the line is told."""
    called = await db.write(
        lambda conn: ledger.call(
            conn, uid, epoch=epoch, candidates=[number], passed_over=b"", listed_at=0, age_ms=0
        )
    )
    assert called.numbers == [number]


@contextlib.contextmanager
def frozen(valkey: Valkey) -> Iterator[None]:
    """The server neither answers nor goes away."""
    assert valkey.pid
    os.kill(valkey.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(valkey.pid, signal.SIGCONT)


def frozen_tree(folder: str, sign: signal.Signals) -> None:
    """Send this to a PostgreSQL and all of its processes."""
    leader = int((Path(folder) / "data" / "postmaster.pid").read_text().split()[0])
    everybody = [leader]
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(stat.read_text().rpartition(")")[2].split()[1]) == leader:
                everybody.append(int(stat.parent.name))
    for pid in everybody:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, sign)


@contextlib.contextmanager
def sql_away(server: PostgresServer, how: str) -> Iterator[None]:
    """This PostgreSQL is `stopped` as in a crash, or `frozen`, until the block ends; then it is back."""
    if how == "stopped":
        server.stop(IMMEDIATE)
    else:
        frozen_tree(str(server.folder), signal.SIGSTOP)
    try:
        yield
    finally:
        if how == "stopped":
            server.start()
        else:
            frozen_tree(str(server.folder), signal.SIGCONT)


@contextlib.asynccontextmanager
async def turning(feed: Feed) -> AsyncIterator[None]:
    """The feed at work, as in a web process."""
    task = asyncio.create_task(feed.run())
    try:
        yield
    finally:
        await end(task)


async def took(work: Awaitable[object]) -> float:
    started = time.monotonic()
    await work
    return time.monotonic() - started


def told(watcher: Watcher) -> str | None:
    return watcher.state


async def until(true: Callable[[], bool], seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.02)


async def until_looked(h: Hall) -> None:
    """The line is asked again within two seconds of its being back."""
    async with asyncio.timeout(2):
        while True:
            with contextlib.suppress(Unavailable):
                await h.look()
                return
            await asyncio.sleep(0.02)
