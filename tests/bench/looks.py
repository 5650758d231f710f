"""What a web process's look at a long line brings from Redis, and what a thousand of them cost it. On a real Valkey.

`make bench` runs it. A line lives by its own scripts (`moving_line.py`): 2,000 join and 25 are called a second, others
go silent and come back. Readers ask as `Line.look` does, each over a connection of its own, once a second at a moment
of its own; they keep what a look is called and count its bytes. A few hold the line itself, and are compared, number by
number, with a read of the whole line while nothing moves.
"""

import asyncio
import contextlib
import logging
import os
import random
import resource
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import hiredis
import structlog
from redis.asyncio import Redis

from config.migrations import migrate
from config.processes.embedded import Valkey
from foundation.sql.database import Database
from loadtests.bench.__main__ import measure
from loadtests.bench.figures import Figure, Found
from loadtests.bench.servers import on_core, pinned
from tests.bench.moving_line import CALLS, CHURN_OF_A_MILLION, JOINS, MILLION, MovingLine
from tests.support.rooms import Hall, make_period
from waitingroom.line import shared_look
from waitingroom.line.shared_look import SharedLook
from waitingroom.line.snapshot import Snapshot

TEN_MILLION = 10_000_000

READERS = 1000

SECONDS = 41
"""More than two slots; when one ends those who went silent five slots ago are parked together."""

QUIET_SECONDS = 10
"""For what the line costs Redis without readers."""

FEW_READERS = 4
"""Who have every look made for them; what a thousand cost beyond these is what comes from one more."""

SILENT_CHANCE, LONGEST_SILENCE = 0.01, 10
"""A reader misses looks: by the second, and seconds at most."""

COMPARED_SECONDS = (1, 5, 20)
"""Seconds between the looks of those that are compared: the last misses more than is kept."""

BROUGHT = "what a look brings from Redis at 1,000,000 tickets"

BROUGHT_OF_TEN = "what a look brings at 10,000,000 tickets, those that missed some too"

SHARE = "Redis' share of a core, 1,000 readers of 10,000,000 tickets"

FEW_SHARE = "of it the line with 4 readers"

QUIET_SHARE = "of it the line itself, without readers"

MARK = "a process marks its people in a line of 10,000,000"

MEMORY = "what Redis remembers of a number"

CAME = "what comes from Redis to 1,000 readers of 10,000,000 tickets"


class Tally:
    """What came to all readers together."""

    def __init__(self) -> None:
        self.looks, self.whole, self.bytes, self.under_way = list[int](), 0, 0, 0
        self.failed: Exception | None = None


class CountingReader(asyncio.Protocol):
    """A web process, as far as Redis can tell: it asks for what changed since the look it holds, and counts."""

    def __init__(self, ask: list[bytes], at: int, tally: Tally) -> None:
        self._ask, self._at, self._tally = ask, at, tally
        self.held, self.came, self.silent_until = b"", 0, 0.0
        self._reply = hiredis.Reader()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def ask(self, may_miss: bool) -> None:
        now = time.monotonic()
        if now < self.silent_until:
            return
        if may_miss and random.random() < SILENT_CHANCE:
            self.silent_until = now + random.uniform(1, LONGEST_SILENCE)
        self._ask[self._at] = self.held
        self._tally.under_way += 1
        self._transport.write(hiredis.pack_command(tuple(self._ask)))  # type: ignore[arg-type]

    def data_received(self, data: bytes) -> None:
        self._reply.feed(data)
        self.came += len(data)
        reply: Any = self._reply.gets()
        if reply is False:
            return
        tally = self._tally
        tally.under_way -= 1
        if isinstance(reply, Exception) or reply[0] not in (b"SINCE", b"ALL"):
            tally.failed = RuntimeError(str(reply))
            return
        if reply[0] == b"ALL":
            tally.whole += 1
        else:
            tally.looks.append(self.came)
        tally.bytes += self.came
        self.held, self.came = reply[1], 0


@contextlib.asynccontextmanager
async def counting(
    moving: MovingLine, server: Valkey, count: int, tally: Tally
) -> AsyncIterator[list[CountingReader]]:
    """So many readers, each connected."""
    script = moving.line._scripts["look"]
    await moving.redis.script_load(script.script)
    names, rest = [name.encode() for name in moving.names], [str(one).encode() for one in shared_look.terms()]
    ask = [b"EVALSHA", script.sha.encode(), b"%d" % len(names), *names, b"1", b"", *rest]
    loop, made = asyncio.get_running_loop(), []
    try:
        for _ in range(count):
            reader = CountingReader(list(ask), 4 + len(names), tally)
            transport, _ = await loop.create_unix_connection(
                lambda reader=reader: reader,  # type: ignore[misc]
                str(server.socket.resolve()),
            )
            made.append((transport, reader))
        yield [reader for _, reader in made]
    finally:
        for transport, _ in made:
            transport.close()


class ComparedReader:
    """A reader that holds the line itself, looks each so many seconds, and is compared with the whole of it."""

    def __init__(self, moving: MovingLine, every: int) -> None:
        self._moving, self.every = moving, every
        self.held: SharedLook | None = None
        self.took = list[float]()

    async def look(self) -> None:
        began = time.perf_counter()
        self.held = await self._moving.line.look(self._moving.uid, 1, self.held)
        self.took.append((time.perf_counter() - began) * 1000)

    def differing(self, whole: Snapshot) -> int:
        """How many numbers have another place here than there: all are asked for where bitmaps differ, else some."""
        assert self.held is not None
        shared, numbers = self.held.snapshot, range(1, whole.seq + 1)
        if all(
            getattr(shared, one).rstrip(b"\0") == getattr(whole, one).rstrip(b"\0")
            for one in ("front", "parked", "gone")
        ):
            numbers = numbers[:: max(1, whole.seq // 5000)]
        return sum(a != b for a, b in zip(shared.standings(numbers), whole.standings(numbers), strict=True))


def processor_seconds(pid: int) -> float:
    """What a process has used of the processor so far."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


class Counted:
    """What was found at one size: bytes of each look and of each second, and of which share of a core."""

    def __init__(self) -> None:
        self.tally, self.by_second = Tally(), list[int]()
        self.share = self.quiet_share = self.few_share = self.memory = self.mark_ms = self.longest_ms = 0.0
        self.wrong = self.compared = 0
        self.took, self.read, self.whole_bytes = list[float](), list[float](), 0


async def lived(
    moving: MovingLine, pid: int, seconds: int, readers: list[CountingReader], found: Counted
) -> float:
    """The share of a core that Redis used over these seconds; what is compared comes between them."""
    loop, tally, many = asyncio.get_running_loop(), found.tally, len(readers) >= READERS
    compared = [ComparedReader(moving, every) for every in COMPARED_SECONDS] if readers else []
    phases = [random.random() for _ in readers]
    if readers:  # as if each had begun at some time before: a thousand at once would take 4 GB
        begun = await moving.line.look(moving.uid, 1)
        assert begun is not None
        for reader in readers:
            reader.held = begun.id.encode()
    used = over = 0.0
    for second in range(seconds):
        began, before, came = time.monotonic(), processor_seconds(pid), tally.bytes
        if many:
            readers[second].held = b""  # one process begins anew
        for phase, reader in zip(phases, readers, strict=True):
            loop.call_later(0.95 * phase, reader.ask, many)
        await moving.live()
        await asyncio.sleep(max(0.0, began + 1 - time.monotonic()))
        while tally.under_way and not tally.failed:
            await asyncio.sleep(0.001)
        if tally.failed:
            raise tally.failed
        used, over = used + processor_seconds(pid) - before, over + time.monotonic() - began
        found.by_second.append(tally.bytes - came)
        await compare(moving, [one for one in compared if second % one.every == 0], second, found)
    found.took = [took for reader in compared[:1] for took in reader.took[1:]]
    return used / over


async def compare(moving: MovingLine, compared: list[ComparedReader], second: int, found: Counted) -> None:
    """While nothing moves: what each of these holds, beside the whole line."""
    comparing = bool(compared) and second % COMPARED_SECONDS[1] == 0
    if comparing:
        await asyncio.sleep(shared_look.LOOK_GAP_MS / 1000)
    for reader in compared:
        await reader.look()
    if not comparing:
        return
    began = time.perf_counter()
    whole = await moving.line.snapshot(moving.uid, 1)
    found.read.append((time.perf_counter() - began) * 1000)
    found.whole_bytes = 6 * len(whole.parked) + len(whole.gone)
    found.wrong += sum(reader.differing(whole) for reader in compared)
    found.compared += len(compared)


async def longest_look(moving: MovingLine) -> float:
    """Milliseconds that all others waited behind the longest of all looks; those below a millisecond are not known."""
    sha = moving.line._scripts["look"].sha.encode()
    slow: Any = await moving.redis.slowlog_get(4096)
    return max((one["duration"] / 1000 for one in slow if sha in one["command"]), default=1.0)


async def at_size(
    folder: Path, server: Valkey, tickets: int, readers: int, seconds: int, quiet: int
) -> Counted:
    """One size: the line alone, with few readers, with all."""
    url, found = f"sqlite:///{folder / f'{tickets}.db'}", Counted()
    await migrate(url)
    db, redis = Database(url), Redis.from_url(server.url)
    try:
        hall = Hall(db, redis)
        period = await make_period(db, id=f"p{tickets}", mark=2 * tickets)
        await hall.room.periods.refresh()
        await hall.room.joins.join(await hall.room.periods.find(period.id), None, None, secrets.token_hex(16))
        moving = MovingLine(hall, period, tickets)
        await moving.lay()
        await redis.config_set("slowlog-log-slower-than", 1000)
        await redis.config_set("slowlog-max-len", 4096)
        await redis.slowlog_reset()
        pid = server.pid or 0
        found.quiet_share = await lived(moving, pid, quiet, [], Counted())
        async with counting(moving, server, FEW_READERS, (few := Counted()).tally) as connected:
            found.few_share = await lived(moving, pid, quiet, connected, few)
        async with counting(moving, server, readers, found.tally) as connected:
            found.share = await lived(moving, pid, seconds, connected, found)
        found.mark_ms, found.memory = statistics.median(moving.marks), await moving.memory_of_a_number()
        found.longest_ms = await longest_look(moving)
        await redis.flushall()
    finally:
        await redis.aclose()
        await db.close()
    return found


async def everything() -> tuple[Counted, Counted]:
    with tempfile.TemporaryDirectory(prefix="guichet-bench-") as name:
        server = Valkey(Path(name) / "valkey")
        with on_core(pinned()[0]):
            server.start()
        try:
            with on_core(pinned()[1]):
                return (
                    await at_size(Path(name), server, MILLION, FEW_READERS, SECONDS, 5),
                    await at_size(Path(name), server, TEN_MILLION, READERS, SECONDS, QUIET_SECONDS),
                )
        finally:
            server.stop()


def figures(one: Counted, ten: Counted) -> list[Figure]:
    took, read = (statistics.median(one.took), statistics.median(one.read))
    ten_took, ten_read = (statistics.median(ten.took), statistics.median(ten.read))
    return [
        Figure(what=BROUGHT, value=statistics.mean(one.tally.looks) / 1000, unit="kB", most=40),
        Figure(what="the largest of these looks", value=max(one.tally.looks) / 1000, unit="kB", most=40),
        Figure(what="the line read whole at 1,000,000 tickets", value=one.whole_bytes / 1000, unit="kB"),
        Figure(
            what="a look at 1,000,000 tickets, beside a whole read", value=took, unit="ms", bare=read, most=1
        ),
        Figure(what="the same at 10,000,000 tickets", value=ten_took, unit="ms", bare=ten_read, most=1),
        Figure(
            what="the longest look at 1,000,000, which joins wait behind", value=one.longest_ms, unit="ms"
        ),
        Figure(what="the longest look at 10,000,000", value=ten.longest_ms, unit="ms"),
        Figure(what=SHARE, value=ten.share, unit="of a core", most=0.5),
        Figure(what=FEW_SHARE, value=ten.few_share, unit="of a core"),
        Figure(what=QUIET_SHARE, value=ten.quiet_share, unit="of a core"),
        Figure(what=CAME, value=statistics.mean(ten.by_second) / 1e6, unit="MB/s", most=100),
        Figure(what="in the second in which most came", value=max(ten.by_second) / 1e6, unit="MB/s"),
        Figure(what=BROUGHT_OF_TEN, value=statistics.mean(ten.tally.looks) / 1000, unit="kB"),
        Figure(what=MARK, value=ten.mark_ms, unit="ms"),
        Figure(what=MEMORY, value=one.memory, unit="bytes"),
        Figure(what="places that differ from a whole read, both lines", value=one.wrong + ten.wrong, most=0),
    ]


def run() -> Found:
    """Measure both sizes: Redis on one core, all readers and what happens to the line on the other."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4 * READERS)), hard))
    one, ten = asyncio.run(everything())
    apart = " and ".join(f"{every} s" for every in COMPARED_SECONDS[1:])
    notes = {
        "a second": f"{JOINS:,} joins, {CALLS} calls; of a million {CHURN_OF_A_MILLION} go silent, as many come back",
        "readers of 10,000,000": f"{READERS:,}, each once a second over a connection of its own",
        "looks missed": f"one reader in {1 / SILENT_CHANCE:.0f} a second begins to, for 1 to {LONGEST_SILENCE} s",
        "looks begun from nothing": f"{ten.tally.whole}, one a second, of 3.75 MB each",
        "compared with a whole read": f"{one.compared + ten.compared} looks, also of readers that look each {apart}",
        "seconds": f"{SECONDS}, by the scripts of the line; Valkey `appendfsync always`",
    }
    return Found(figures(one, ten), notes)


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    sys.exit(measure({"looks": run}, sys.argv[1:]))
