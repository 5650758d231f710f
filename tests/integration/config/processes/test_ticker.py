"""What the ticker forgets: looks of a month ago, and nothing that moved something."""

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from config.processes.ticker import sweep
from evidence.verify_audit import read_chains
from foundation import audit
from foundation.sql.database import LONG_SECONDS, Database

DAY_MS = 86_400_000

NOW = 1_465_821_000_000


async def write(db: Database, action: str, at: int, count: int = 1) -> None:
    async def work(conn: AsyncConnection) -> None:
        for _ in range(count):
            await audit.record(conn, "agnes", action, None, at)

    await db.write(work, LONG_SECONDS)


async def days_on_record(db: Database) -> list[tuple[str, int]]:
    """Action and age in days of every line that is left."""

    async def work(conn: AsyncConnection) -> list[tuple[str, int]]:
        a = audit.audit
        lines = await conn.execute(sa.select(a.c.act, a.c.at).order_by(a.c.id))
        return [(line.act, (NOW - line.at) // DAY_MS) for line in lines]

    return await db.read(work)


@pytest.mark.slow
async def test_looks_stay_a_month_and_moves_for_good(database: Database) -> None:
    """However many looks are too old they all go in one sweep; younger ones, moves and refusals stay."""
    await write(database, "create", NOW - 400 * DAY_MS)
    await write(database, audit.LOOK, NOW - 40 * DAY_MS, count=2 * audit.LOOKS_AT_ONCE + 1)
    await write(database, "refused", NOW - 35 * DAY_MS)
    await write(database, audit.LOOK, NOW - 31 * DAY_MS)
    await write(database, "pause", NOW - 31 * DAY_MS)
    await write(database, audit.LOOK, NOW - 29 * DAY_MS)
    await sweep(database, NOW)
    kept = [("create", 400), ("refused", 35), ("pause", 31), (audit.LOOK, 29)]
    forgotten = [(audit.FORGET_LOOKS, 0)] * 3  # as many transactions, each with its act
    assert await days_on_record(database) == kept + forgotten
    await sweep(database, NOW)
    assert await days_on_record(database) == kept + forgotten


async def test_what_is_left_after_forgetting_is_a_whole_chain(database: Database) -> None:
    """Looks go from the oldest end, and the act that says so anchors the rest: nothing is missing (P16)."""
    await write(database, audit.LOOK, NOW - 31 * DAY_MS, count=3)
    await write(database, audit.LOOK, NOW - 29 * DAY_MS, count=2)
    await sweep(database, NOW)
    await write(database, audit.LOOK, NOW)
    acts, looks = await database.read(read_chains)
    assert (acts.breaks, looks.breaks) == ([], [])
    assert (acts.lines, looks.lines, looks.anchor.sequence, looks.head.sequence) == (1, 3, 3, 6)


async def test_without_the_sweep_every_look_would_stay(database: Database) -> None:
    """Twin: a tool that polls leaves a line for each call, and nothing else takes one away."""
    await write(database, audit.LOOK, NOW - 31 * DAY_MS, count=3)
    assert await days_on_record(database) == [(audit.LOOK, 31)] * 3
