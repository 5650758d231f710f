"""What an opening in mode draw costs with 1,000 to 100,000 entries, on a real Valkey and a real SQLite.

`make bench` runs it. The entries are laid into Redis as bitmaps, everybody present; then the freeze, the opening in SQL
and the numbers' way into the line are timed alone, and the order by itself. Bare counterpart: as many HMACs.
"""

import asyncio
import hmac
import logging
import statistics
import sys
import tempfile
import time
from pathlib import Path

import structlog
from redis.asyncio import Redis

from config.migrations import migrate
from config.processes.embedded import Valkey
from foundation.clock import now_ms
from foundation.sql.database import Database
from loadtests.bench.__main__ import measure
from loadtests.bench.figures import Figure, Found
from loadtests.bench.servers import on_core, pinned
from quota.draw_order import order
from quota.moves import schedule
from tests.integration.waitingroom.draw.test_entries import SEED, VALUE, make_draw, opening
from tests.support.rooms import Hall
from waitingroom.line.snapshot import bitmap
from waitingroom.line.store import entry_keys

SIZES = (1_000, 10_000, 100_000)

ROUNDS = 5


def sorting(entries: int) -> tuple[float, float]:
    """Milliseconds for the order of so many entries, and for as many bare HMACs; medians."""
    drawn, bare = [], []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        order(SEED, "essai", entries, VALUE)
        drawn.append((time.perf_counter() - began) * 1000)
        began = time.perf_counter()
        for entry in range(entries):
            hmac.digest(b"a key of thirty-two bytes, or so.", b"%d" % entry, "sha256")
        bare.append((time.perf_counter() - began) * 1000)
    return statistics.median(drawn), statistics.median(bare)


async def opens(folder: Path, redis: "Redis", entries: int) -> float:
    """Milliseconds from the freeze until all numbers are in the line and may be called."""
    url = f"sqlite:///{folder / f'{entries}.db'}"
    await migrate(url)
    db = Database(url)
    try:
        period = await make_draw(db, public_value=VALUE, entry_mark=entries)
        hall = Hall(db, redis)
        await hall.room.periods.refresh()
        epoch = await hall.room.epochs.current(period.uid)
        names, bits = entry_keys(period.uid), bitmap(range(1, entries + 1))
        for name in names[16:]:
            await redis.set(name, bits)
        for name, value in (("entry_epoch", epoch), ("entry_seq", entries), ("here_slot", 0)):
            await redis.hset(names[0], name, str(value))
        await opening(hall)
        began = time.perf_counter()
        await hall.room.entries.freeze(await hall.room.periods.find(period.id))
        (opened,) = await schedule.open_due(db, now_ms())
        await hall.room.entries.draw(opened, epoch)
        took = (time.perf_counter() - began) * 1000
        snapshot = await hall.room.line.snapshot(period.uid, epoch)
        assert (snapshot.waiting, snapshot.next(1)) == (entries, [1])
        return took
    finally:
        await db.close()


async def everything() -> dict[int, float]:
    with tempfile.TemporaryDirectory(prefix="guichet-bench-") as name:
        server = Valkey(Path(name) / "valkey")
        server.start()
        try:
            redis = Redis.from_url(server.url)
            try:
                return {size: await opens(Path(name), redis, size) for size in SIZES}
            finally:
                await redis.aclose()
        finally:
            server.stop()


def run() -> Found:
    """Measure every size, server and caller on one core."""
    with on_core(pinned()[0]):
        drawn, bare = sorting(SIZES[-1])
        found = asyncio.run(everything())
    figures = [
        Figure(
            what=f"an opening with {size:,} entries, from the freeze to the line",
            value=found[size],
            unit="ms",
        )
        for size in SIZES
    ]
    sorted_ = Figure(what=f"the order of {SIZES[-1]:,} entries", value=drawn, unit="ms", bare=bare)
    return Found([*figures, sorted_], {"rounds": f"the order {ROUNDS}, medians; each opening once"})


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    sys.exit(measure({"draw": run}, sys.argv[1:]))
