"""What a tick and a look cost as the line grows from 1,000 to 1,000,000 tickets, on a real Valkey and a real SQLite.

`make bench` runs it after those that speak to the service from outside. The line is laid into Redis as bitmaps (nine of
ten wait, one in three of them is parked, one in ten is gone), then the ticker's turn and a web process's look are timed
alone. Bare counterpart: one script call on the same server that returns the same bytes.
"""

import asyncio
import logging
import random
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import structlog
from redis.asyncio import Redis

from config.migrations import migrate
from config.processes.embedded import Valkey
from foundation.sql.database import Database
from loadtests.bench.__main__ import measure
from loadtests.bench.figures import Figure, Found
from loadtests.bench.picture import Axis, Picture
from loadtests.bench.servers import on_core, pinned
from tests.support.rooms import Hall, make_period
from waitingroom.line.snapshot import Snapshot
from waitingroom.line.store import keys

SIZES = (1_000, 10_000, 100_000, 1_000_000)

ROUNDS = 30

WATCHERS = 18_000

ECHO = "local all = {} for i, key in ipairs(KEYS) do all[i] = redis.call('GET', key) end return all"


async def lay_bits(hall: Hall, uid: str, tickets: int) -> None:
    """Put a line of so many tickets into Redis."""
    names, chance = keys(uid), random.Random(tickets)
    bits = {name: bytearray((tickets >> 3) + 1) for name in ("waiting", "gone", "present")}
    for number in range(1, tickets + 1):
        mask = 0x80 >> (number & 7)
        if chance.random() < 0.1:
            bits["gone"][number >> 3] |= mask
            continue
        bits["waiting"][number >> 3] |= mask
        if chance.random() < 0.67:
            bits["present"][number >> 3] |= mask
    at = {name: names[position] for name, position in (("waiting", 3), ("gone", 4), ("present", 6))}
    for name, value in bits.items():
        await hall.redis.set(at[name], bytes(value))
        if name == "present":
            for slot in range(8):
                await hall.redis.set(names[6 + slot], bytes(value))
    await hall.redis.set(names[1], tickets)


async def timed(work: Callable[[], Awaitable[object]]) -> float:
    """Milliseconds, the median of the rounds."""
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        await work()
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)


def ranks(snapshot: Snapshot, tickets: int) -> float:
    """Milliseconds for the positions of 18,000 people spread over the line."""
    numbers = [1 + at * tickets // WATCHERS for at in range(WATCHERS)]
    began = time.perf_counter()
    for number in numbers:
        snapshot.ahead(number)
    return (time.perf_counter() - began) * 1000


async def at_size(folder: Path, redis: "Redis", tickets: int) -> dict[str, float]:
    """One size: a turn of the ticker, a look, the bare script call, and 18,000 ranks; in milliseconds."""
    url = f"sqlite:///{folder / f'{tickets}.db'}"
    await migrate(url)
    db = Database(url)
    try:
        hall = Hall(db, redis)
        period = await make_period(
            db,
            id=f"p{tickets}",
            mark=2 * tickets,
            cap=tickets,
            most_live_tokens=tickets,
            calls_per_minute=600,
        )
        await hall.room.periods.refresh()
        await hall.room.joins.join(await hall.room.periods.find(period.id), None, None, secrets.token_hex(16))
        await lay_bits(hall, period.uid, tickets)
        period = await hall.room.periods.find(period.id)
        epoch = await hall.room.epochs.current(period.uid)
        names = keys(period.uid)
        same = [names[3], names[4], *names[6:11]]
        bare = redis.register_script(ECHO)
        return {
            "turn": await timed(lambda: hall.room.calls.turn(period, True)),
            "look": await timed(lambda: hall.room.line.snapshot(period.uid, epoch)),
            "bare": await timed(lambda: bare(keys=same)),
            "ranks": ranks(await hall.room.line.snapshot(period.uid, epoch), tickets),
        }
    finally:
        await db.close()


async def everything() -> dict[int, dict[str, float]]:
    with tempfile.TemporaryDirectory(prefix="guichet-bench-") as name:
        server = Valkey(Path(name) / "valkey")
        server.start()
        try:
            redis = Redis.from_url(server.url)
            try:
                return {size: await at_size(Path(name), redis, size) for size in SIZES}
            finally:
                await redis.aclose()
        finally:
            server.stop()


def run() -> Found:
    """Measure every size, server and caller on one core."""
    with on_core(pinned()[0]):
        found = asyncio.run(everything())
    most = found[SIZES[-1]]
    lines = {
        "ticker's turn": "turn",
        "look": "look",
        "bare script call": "bare",
        "18,000 ranks": "ranks",
    }
    growth = Picture(
        name="growth",
        title="What a tick costs as the line grows",
        x=Axis("tickets given", log=True),
        y=Axis("milliseconds, both servers on one core", log=True),
        lines={name: [(size, found[size][key]) for size in SIZES] for name, key in lines.items()},
    )
    return Found(
        [
            Figure(
                what="one tick of the ticker at 1,000,000 tickets", value=most["turn"], unit="ms", most=20
            ),
            Figure(
                what="a web process's look at 1,000,000 tickets",
                value=most["look"],
                unit="ms",
                bare=most["bare"],
            ),
            Figure(what="18,000 ranks in a line of 1,000,000", value=most["ranks"], unit="ms", most=50),
            Figure(what="one tick of the ticker at 1,000 tickets", value=found[SIZES[0]]["turn"], unit="ms"),
        ],
        {"rounds": f"{ROUNDS} each, medians; Valkey `appendfsync always`, SQLite `FULL`"},
        [growth],
    )


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    sys.exit(measure({"tick": run}, sys.argv[1:]))
