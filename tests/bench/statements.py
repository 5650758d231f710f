"""What a look and a write cost on SQLite when their statements run on the loop, beside the same in the thread.

`make bench` runs it (ADR 0014). The bare counterpart is the same code with every statement an errand to the thread of
the connection. Once on a quiet machine, and once beside four busy processes a core, where each way there waits for one.
"""

import contextlib
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import sqlalchemy as sa
import uvloop
from sqlalchemy.ext.asyncio import AsyncConnection

from config.demo.demo import cores
from config.migrations import migrate
from foundation.heartbeat import heartbeat
from foundation.sql.database import Database
from foundation.sql.sqlite import InlineConnection
from loadtests.bench.__main__ import measure
from loadtests.bench.figures import Figure, Found

STATEMENTS = 8

QUIET, BUSY = 300, 200
"""Rounds, each way."""

BUSY_SECONDS = 60
"""After which a busy process ends by itself, whatever becomes of this one."""


async def look(conn: AsyncConnection) -> None:
    await conn.execute(sa.select(heartbeat.c.process))


async def step(conn: AsyncConnection) -> None:
    for n in range(STATEMENTS - 2):
        await conn.execute(sa.select(heartbeat.c.at).where(heartbeat.c.process == f"{n}"))
    await conn.execute(sa.delete(heartbeat))
    await conn.execute(sa.insert(heartbeat).values(process="a", kind="web", beats=1, at=1))


async def ms(work: Callable[[], Awaitable[Any]]) -> float:
    began = time.perf_counter()
    await work()
    return (time.perf_counter() - began) * 1000


async def both_ways(db: Database, what: str, rounds: int) -> list[Figure]:
    """A look and a write, on the loop and in the thread in turns, so that what the machine does else hits both."""
    figures = []
    for name, work in (
        ("a look of one statement", lambda: db.read(look)),
        (f"a write of {STATEMENTS} statements", lambda: db.write(step)),
    ):
        here, there = [], []
        for _ in range(rounds):
            here.append(await ms(work))
            with mock.patch.object(InlineConnection, "_is_quiet", return_value=False):
                there.append(await ms(work))
        medians = statistics.median(here), statistics.median(there)
        figures.append(Figure(what=f"{name}, {what}", value=medians[0], bare=medians[1], unit="ms"))
    return figures


@contextlib.contextmanager
def busy_processes() -> Iterator[None]:
    """Four a core that never sleep."""
    line = f"import time\nend = time.monotonic() + {BUSY_SECONDS}\nwhile time.monotonic() < end: pass"
    others = [subprocess.Popen([sys.executable, "-c", line]) for _ in range(4 * cores())]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


async def both(folder: Path) -> list[Figure]:
    url = f"sqlite:///{folder / 'books.db'}"
    await migrate(url)
    db = Database(url)
    try:
        figures = await both_ways(db, "quiet machine", QUIET)
        with busy_processes():
            return figures + await both_ways(db, "busy machine", BUSY)
    finally:
        await db.close()


def run() -> Found:
    """A few seconds."""
    with tempfile.TemporaryDirectory(prefix="guichet-bench-") as name:
        figures = uvloop.run(both(Path(name)))
    return Found(
        figures,
        {"rounds": f"{QUIET} quiet, {BUSY} beside {4 * cores()} busy processes, medians; SQLite `FULL`"},
    )


if __name__ == "__main__":
    sys.exit(measure({"statements": run}, None))
