"""Epoch fencing: which epoch of a line stands, the next one after a loss, and the mark up to which numbers are given.

After a loss the line is rebuilt from SQL; people bring the rest with their tickets. Numbers never come twice (P1): a
new epoch begins above the mark, and a process that works in an older one can neither raise the mark nor call, because
both writes to SQL name the epoch as their fencing token (ADR 0003).
"""

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from typing import TypeVar

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.errors import Stale, Unavailable
from foundation.events import Events
from foundation.sql.database import Database
from quota import store
from quota.ledger import numbers_with_row
from quota.store import Period, period_of
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

    async def renew(self, uid: str, seen: int | None) -> None:
        """Find out, after Stale in epoch `seen`, which epoch stands; begin one if none does. Raises Unavailable."""
        async with self._locks[uid]:
            if seen is not None and self._known.get(uid, seen) != seen:
                return
            deadline = time.monotonic() + OTHERS_TURN_SECONDS
            for _ in range(RENEW_TRIES):
                period = await self._db.read(lambda conn: _row(conn, uid))
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
            await self._line.copy(period)
        except Stale:
            return False
        return True

    async def _begin(self, old: Period) -> bool:
        """Begin the epoch after `old`'s. False when another process did, or when another server took over meanwhile.

        The server is named before the epoch is taken: repeated after a failover, the same epoch would stand on both.
        """
        server = await self._line.server(old.uid)
        found = await self._db.write(lambda conn: _next_epoch(conn, old))
        if found is None:
            return False
        period, numbers = found
        hold_ms = self._hold_ms if period.epoch > 1 else 0
        done = await self._line.rebuild(period, bitmap(numbers), hold_ms, server)
        self._events.count("epochs")
        log.warning(
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
            await self._line.copy(period)
            self._events.count("mark_raises")


async def _row(conn: AsyncConnection, uid: str) -> Period:
    return period_of((await conn.execute(sa.select(p).where(p.c.uid == uid))).one())


async def _next_epoch(conn: AsyncConnection, old: Period) -> tuple[Period, list[int]] | None:
    statement = (
        sa.update(p)
        .where(p.c.uid == old.uid, p.c.epoch == old.epoch)
        .values(epoch=p.c.epoch + 1, version=p.c.version + 1)
        .returning(*p.c)
    )
    row = (await conn.execute(statement)).one_or_none()
    return None if row is None else (period_of(row), await numbers_with_row(conn, old.uid))


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
