"""What the room weighs on a slow line: how soon an arrival has its number, and what an hour of waiting costs.

`make bench` runs it. The service stands on a real Valkey and a real SQLite, the browser is a real Chromium. Arrivals go
over a line of 56 kbit/s and 600 ms that the browser emulates; bytes are counted on an unthrottled line between the two,
over a minute of waiting that is reckoned up to an hour. Nobody has to be far away: a line of 45,000 is laid into Redis
as bitmaps, and everybody in it is kept present.
"""

import asyncio
import contextlib
import logging
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final, NamedTuple

import structlog
from playwright.async_api import Browser

from config.app import create_app
from config.migrations import migrate
from config.processes.embedded import Valkey
from config.settings import Settings
from foundation.clock import now_ms
from foundation.errors import Refusal
from foundation.sql.database import Database
from loadtests.bench.__main__ import measure
from loadtests.bench.figures import Figure, Found
from tests.support.browsing import chromium, page_in
from tests.support.processes.serving import serving
from tests.support.rooms import KEYS, Hall, hall, make_period
from tests.support.slow_lines import (
    BITS_A_SECOND,
    MOST_SECONDS,
    ROUND_TRIP_MS,
    CountedLine,
    Passed,
    arrive,
    counted_line,
    throttle,
)
from waitingroom.line.store import keys

HERE: Final = "/periodes/essai"

ROUNDS: Final = 5

NEAR, FAR = 500, 45_000
"""People ahead."""

CALLS_PER_MINUTE: Final = 60

SETTLE_SECONDS, WATCHED_SECONDS = 5.0, 60.0

BEFORE_THE_FIRST_REQUEST: Final = 2 * ROUND_TRIP_MS / 1000 + 4_096 * 8 / BITS_A_SECOND
"""Seconds for the handshakes of TCP and TLS 1.3 with 4 KiB of certificates: the emulation leaves them out."""

NO_SOCKETS: Final = "window.WebSocket = function () { throw new DOMException('blocked', 'SecurityError'); };"


class Waiter(NamedTuple):
    """Somebody whose waiting is weighed: what it is, from how far away, and the line."""

    what: str
    line: CountedLine


class LongLine:
    """The service, a browser, and the line in Redis."""

    def __init__(self, port: int, browser: Browser, made: Hall) -> None:
        self.port, self.browser, self.hall = port, browser, made
        self.tickets = 0

    async def lay(self, tickets: int) -> None:
        """As many tickets as this, all of them waiting; `present` keeps them so."""
        period = await self.hall.period()
        names, all_of_them = keys(period.uid), _bits(tickets)
        await self.hall.redis.set(names[3], all_of_them)
        await self.hall.redis.set(names[1], tickets)
        self.tickets = tickets

    async def keep(self) -> None:
        """Until cancelled: everybody is present, and the ticker calls."""
        while True:
            with contextlib.suppress(Refusal):
                period = await self.hall.period()
                names = keys(period.uid)
                for slot in range(8):
                    await self.hall.redis.set(names[6 + slot], _bits(self.tickets + 100))
                await self.hall.turn()
            await asyncio.sleep(1.0)

    async def waits(
        self, stack: AsyncExitStack, what: str, *, sockets: bool = True, scripts: bool = True
    ) -> Waiter:
        """Somebody who has just joined, and goes on waiting until the stack is left."""
        line = await stack.enter_async_context(counted_line(self.port))
        page = await stack.enter_async_context(page_in(self.browser, line.url, java_script_enabled=scripts))
        if not sockets:
            await page.add_init_script(NO_SOCKETS)
        await arrive(page, HERE)
        return Waiter(what, line)

    async def arrival(self, scripts: bool) -> float:
        """Seconds over the slow line."""
        async with page_in(
            self.browser, f"http://127.0.0.1:{self.port}", java_script_enabled=scripts
        ) as page:
            await throttle(page)
            return await arrive(page, HERE)

    async def weight(self, scripts: bool) -> Passed:
        """Bytes of an arrival, to its number or to the first frame of its feed."""
        async with counted_line(self.port) as line:
            async with page_in(self.browser, line.url, java_script_enabled=scripts) as page:
                frames: asyncio.Queue[object] = asyncio.Queue()
                page.on("websocket", lambda socket: socket.on("framereceived", frames.put_nowait))
                await arrive(page, HERE)
                if scripts:
                    await asyncio.wait_for(frames.get(), 20)
                return line.passed


def _bits(tickets: int) -> bytes:
    """A bitmap of numbers 1 to this."""
    bits = bytearray(b"\xff" * ((tickets >> 3) + 1))
    bits[0] &= 0x7F
    bits[-1] &= 0xFF00 >> (tickets & 7) + 1 & 0xFF
    return bytes(bits)


@asynccontextmanager
async def long_line(folder: Path) -> AsyncIterator[LongLine]:
    url = f"sqlite:///{folder / 'room.db'}"
    await migrate(url)
    db, server = Database(url), Valkey(folder / "valkey")
    server.start()
    settings = Settings(
        database_url=url, redis_url=server.url, queue_redis_url=server.url, secret_keys=KEYS,
        public_url="http://guichet.test", demo=True, limits=False,
    )  # fmt: skip
    try:
        async with chromium() as browser, hall(db, server.url) as made:
            await make_period(
                db, ticked_at=now_ms(), mark=4 * FAR, cap=5_000, most_live_tokens=5_000,
                calls_per_minute=CALLS_PER_MINUTE,
            )  # fmt: skip
            await made.join()
            with serving(create_app(settings), lifespan=True) as port:
                one = LongLine(port, browser, made)
                await one.lay(NEAR)
                keeping = asyncio.create_task(one.keep())
                yield one
                keeping.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await keeping
    finally:
        await db.close()
        server.stop()


async def hours(one: LongLine) -> list[Figure]:
    """What an hour of waiting weighs, in every way a page hears."""
    async with AsyncExitStack() as stack:
        near = f"{NEAR:,} ahead"
        waiters = [
            await one.waits(stack, f"by the live feed, {near}"),
            await one.waits(stack, f"by polls, where nothing lets a socket through, {near}", sockets=False),
            await one.waits(stack, "without scripts, a page each 15 s, wherever one stands", scripts=False),
        ]
        await one.lay(FAR)
        far = f"{FAR:,} ahead"
        waiters += [
            await one.waits(stack, f"by the live feed, {far}"),
            await one.waits(stack, f"by polls, {far}", sockets=False),
        ]
        await asyncio.sleep(SETTLE_SECONDS)
        before = [waiter.line.passed for waiter in waiters]
        await asyncio.sleep(WATCHED_SECONDS)
        spent = [waiter.line.passed.since(then) for waiter, then in zip(waiters, before, strict=True)]
    return [
        Figure(
            what=f"an hour of waiting {waiter.what}, both ways",
            value=sum(passed) * 3600 / WATCHED_SECONDS / 1024,
            unit="KiB",
        )
        for waiter, passed in zip(waiters, spent, strict=True)
    ]


async def everything(folder: Path) -> Found:
    async with long_line(folder) as one:
        with_scripts = [await one.arrival(True) for _ in range(ROUNDS)]
        without = [await one.arrival(False) for _ in range(ROUNDS)]
        weights = [await one.weight(True), await one.weight(False)]
        spent = await hours(one)
    return Found(
        [
            Figure(
                what="from the address typed to a number on the screen",
                value=statistics.median(with_scripts), unit="s", most=MOST_SECONDS, rounds=tuple(with_scripts),
            ),
            Figure(
                what="the same without scripts",
                value=statistics.median(without), unit="s", most=MOST_SECONDS, rounds=tuple(without),
            ),
            Figure(
                what="the same with the handshakes of TCP and TLS, reckoned",
                value=statistics.median(with_scripts) + BEFORE_THE_FIRST_REQUEST, unit="s", most=MOST_SECONDS,
            ),
            Figure(
                what="bytes of an arrival that the service sends, to the first frame of its feed",
                value=weights[0].down / 1024, unit="KiB",
            ),
            Figure(
                what="those that the browser sends: its headers are most of them",
                value=weights[0].up / 1024, unit="KiB",
            ),
            Figure(
                what="bytes of an arrival without scripts that the service sends, beside one with them",
                value=weights[1].down / 1024, unit="KiB", bare=weights[0].down / 1024, most=1.0,
            ),
            *spent,
        ],
        {
            "line": f"{BITS_A_SECOND / 1000:.0f} kbit/s each way and {ROUND_TRIP_MS} ms, emulated by Chromium",
            "rounds": f"{ROUNDS} each, medians",
            "bytes": "of HTTP and WebSockets as they pass, both ways, without what TLS, TCP and IP add",
            "an hour": f"{WATCHED_SECONDS:.0f} s of it, {CALLS_PER_MINUTE} calls a minute",
            "handshakes": f"{BEFORE_THE_FIRST_REQUEST:.1f} s: two round trips, and 4 KiB of certificates",
        },
    )  # fmt: skip


def run() -> Found:
    """Measure it all, in a folder that goes with it."""
    with tempfile.TemporaryDirectory(prefix="guichet-bench-") as name:
        return asyncio.run(everything(Path(name)))


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    sys.exit(measure({"slow_line": run}, sys.argv[1:]))
