"""Epoch fencing: which epoch of a line stands, the next one after a loss, and the mark up to which numbers are given.

After a loss the line is rebuilt from SQL; people bring the rest with their tickets. Numbers never come twice (P1): a
new epoch begins above the mark, and a process that works in an older one can neither raise the mark nor call, because
both writes to SQL name the epoch as their fencing token (ADR 0003).

SQL may be what was lost, too: a backup was restored, a standby that was behind took over. The line, and each process,
remember how far SQL had got; where that is further than the row, the same epoch begins, above what they remember (ADR
0022).
"""

import asyncio
import logging
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from typing import TypeVar

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.clock import now_ms, rfc3339
from foundation.errors import Stale, Unavailable
from foundation.events import Events
from foundation.sql.database import Database
from quota import store
from quota.ledger import count_with_row, lock, numbers_with_row
from quota.store import Period, period_of
from waitingroom.line import restorations, setbacks
from waitingroom.line.setbacks import Recollection, Setback
from waitingroom.line.snapshot import bitmap
from waitingroom.line.store import Line

p = store.period

log = structlog.get_logger()

T = TypeVar("T")

HOLD_SECONDS = 35.0
"""For so long after the beginning of a new epoch, by the beat, nobody is called: those who poll do so each 20 s at
least, so that everybody has shown their ticket by then (P7). The default of the setting HOLD_SECONDS."""

LEAST_RAISE = 100
"""A mark, of numbers or of entries, goes up by this at least."""

RUSH_SECONDS = 2.0
"""The mark is raised by twice the numbers that this process gave in so long."""

STALE_TRIES = 5
"""So often one question is asked again in a newer epoch before the line counts as away."""

OTHERS_TURN_SECONDS = 1.0
"""How long a process that lost the race to rebuild waits for the winner before it takes over."""

RENEW_TRIES = 200

RENEW_PAUSE_SECONDS = 0.02


class Epochs:
    """Which epoch each period is in, as far as this process knows, and how to begin the next one."""

    def __init__(self, db: Database, line: Line, events: Events, hold_ms: int) -> None:
        """`hold_ms`: of beat, in which nobody is called in an epoch after the first."""
        self._db, self._line, self._events, self._hold_ms = db, line, events, hold_ms
        self._known: dict[str, int] = {}
        self._seen: dict[str, tuple[Period, int, int]] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._given: defaultdict[str, deque[tuple[float, int]]] = defaultdict(deque)

    async def current(self, uid: str) -> int:
        """The epoch this process works in. Raises Unavailable."""
        if uid not in self._known:
            await self.renew(uid, None)
        return self._known[uid]

    async def fenced(self, uid: str, attempt: Callable[[int], Awaitable[T]]) -> T:
        """Run `attempt` in the epoch that stands, beginning a new one after a loss. Raises Unavailable."""
        for _ in range(STALE_TRIES):
            epoch = await self.current(uid)
            try:
                return await attempt(epoch)
            except Stale:
                await self.renew(uid, epoch)
        raise Unavailable("redis")

    def saw(self, period: Period) -> None:
        """Remember a row that this process has just read of SQL, unless it knows a newer one."""
        now, known = now_ms(), self._seen.get(period.uid)
        since = now if known is None or now - known[2] > setbacks.CONTINUOUS_MS else known[1]
        if known is None or (period.epoch, period.version) >= (known[0].epoch, known[0].version):
            self._seen[period.uid] = period, since, now

    def recollect(self, uid: str) -> Recollection:
        """What this process remembers of a period's row."""
        known = self._seen.get(uid)
        return Recollection() if known is None else setbacks.of_row(*known, now_ms())

    async def tell(self, period: Period) -> None:
        """Copy a row that was just written to the line. Raises Unavailable, and Stale where SQL knows less than the
        line: it came back from a copy."""
        self.saw(period)
        if not await self._line.copy(period) and await self._is_behind(period.uid):
            raise Stale

    async def compare(self, uid: str) -> None:
        """Begin a new epoch if SQL knows less than the line has seen of it. Raises Unavailable."""
        if await self._is_behind(uid):
            await self.renew(uid, self._known.get(uid))

    async def _is_behind(self, uid: str) -> bool:
        """Whether SQL, which is read after the line, knows less. Raises Unavailable."""
        line, process = await self._line.recollect(uid), self.recollect(uid)
        gone = int.from_bytes(line.gone, "big").bit_count()

        async def look(conn: AsyncConnection) -> bool:
            period = await _row(conn, uid)
            fewer = line.epoch >= period.epoch and await count_with_row(conn, uid) < gone
            return fewer or setbacks.is_behind(period, line) or setbacks.is_behind(period, process)

        return await self._db.read(look)

    async def renew(self, uid: str, seen: int | None) -> None:
        """Find out, after Stale in epoch `seen`, which epoch stands; begin one if none does. Raises Unavailable."""
        async with self._locks[uid]:
            if seen is not None and self._known.get(uid, seen) != seen:
                return
            deadline = time.monotonic() + OTHERS_TURN_SECONDS
            for _ in range(RENEW_TRIES):
                period = await self._db.read(lambda conn: _row(conn, uid))
                self.saw(period)
                if await self._stands(period):
                    self._known[uid] = period.epoch
                    return
                others = seen is not None and period.epoch > seen
                if (not others or time.monotonic() > deadline) and await self._begin(period):
                    continue
                seen = period.epoch if seen is None else seen
                await asyncio.sleep(RENEW_PAUSE_SECONDS)
            raise Unavailable("redis")

    async def _stands(self, period: Period) -> bool:
        try:
            await self.tell(period)
            return not await self._is_behind(period.uid)
        except Stale:
            return False

    async def _begin(self, old: Period) -> bool:
        """Begin the epoch after `old`'s. False when another process did, or when another server took over meanwhile.

        The server is named before the epoch is taken: repeated after a failover, the same epoch would stand on both.
        """
        server = await self._line.server(old.uid)
        line, process = await self._line.recollect(old.uid), self.recollect(old.uid)
        begun = await self._db.write(lambda conn: _next_epoch(conn, old, line, process))
        if begun is None:
            return False
        period, numbers, found = begun
        self.saw(period)
        hold_ms = self._hold_ms if period.epoch > 1 else 0
        done = await self._line.rebuild(period, bitmap(numbers), hold_ms, server)
        self._events.count("epochs")
        if found is not None:
            log.error(
                "sql_came_back_from_a_copy",
                period=period.id,
                known_at=rfc3339(found.known_at),
                calls_lost=len(found.numbers),
                submissions_lost=found.submissions,
            )
        log.log(
            logging.INFO if period.epoch == 1 else logging.WARNING,
            "epoch_begun",
            period=period.id,
            epoch=period.epoch,
            mark=period.mark,
            gone=len(numbers),
            done=done,
        )
        return done

    def gave(self, uid: str, count: int) -> None:
        """Remember how many numbers this process gave just now: the mark is raised ahead of the rush."""
        if count:
            self._given[uid].append((time.monotonic(), count))
            self._forget(uid)

    def _forget(self, uid: str) -> None:
        """What was given before that says nothing of the rush."""
        given, since = self._given[uid], time.monotonic() - RUSH_SECONDS
        while given and given[0][0] < since:
            given.popleft()

    async def raise_mark(self, uid: str, at_least: int = 0) -> None:
        """Raise the mark to above `at_least`, in the epoch that stands. Raises Unavailable."""
        await self.fenced(uid, lambda epoch: self.raise_mark_in(uid, epoch, at_least))

    async def raise_mark_in(self, uid: str, epoch: int, at_least: int) -> None:
        """Raise the mark to above `at_least`, in SQL first, then in the line. Raises Stale or Unavailable."""
        async with self._locks[uid]:
            self._forget(uid)
            by = max(LEAST_RAISE, 2 * sum(count for _, count in self._given[uid]))
            period = await self._db.write(lambda conn: _raise(conn, uid, epoch, at_least, by))
            await self.tell(period)
            self._events.count("mark_raises")


async def _row(conn: AsyncConnection, uid: str) -> Period:
    return period_of((await conn.execute(sa.select(p).where(p.c.uid == uid))).one())


async def _next_epoch(
    conn: AsyncConnection, old: Period, line: Recollection, process: Recollection
) -> tuple[Period, list[int], Setback | None] | None:
    """Take the epoch after `old`'s: the row, the numbers that are gone, and what SQL has forgotten, on the record.

    None when another process took it. Both were asked before the row is read here.
    """
    period = await lock(conn, old.uid)
    if period.epoch != old.epoch:
        return None
    numbers, now = await numbers_with_row(conn, old.uid), now_ms()
    found = setbacks.setback(period, numbers, line, process)
    values = setbacks.next_row(period, line, process, found, now)
    row = (await conn.execute(sa.update(p).where(p.c.uid == old.uid).values(values).returning(*p.c))).one()
    after = period_of(row)
    if found is not None:
        await restorations.record(conn, period, found, after.epoch, now)
    return after, numbers, found


async def _raise(conn: AsyncConnection, uid: str, epoch: int, at_least: int, by: int) -> Period:
    base = sa.case((p.c.mark < at_least, at_least), else_=p.c.mark)
    statement = (
        sa.update(p)
        .where(p.c.uid == uid, p.c.epoch == epoch)
        .values(mark=base + by, version=p.c.version + 1)
        .returning(*p.c)
    )
    row = (await conn.execute(statement)).one_or_none()
    if row is None:
        raise Stale
    return period_of(row)
