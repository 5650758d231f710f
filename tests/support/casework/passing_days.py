"""A year of days in seconds: tasks are done in the order in which they come due, each as if it were that instant.

The clock is the effects' own: `now` is given to each, and none of them looks at another clock. What is staged meanwhile
is done in its turn. A worker's lease and fence are tested elsewhere; here each task is done once, by itself.
"""

import asyncio
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.outbox import Effects, OutsideEffects, TaskState, task
from foundation.sql.database import LONG_SECONDS, Database
from foundation.subjects import Subject

AT_ONCE = 500
"""Tasks that are due at one instant and done in one transaction."""

TOGETHER = 20
"""Outside calls that are under way at once: a process has as many workers."""

t = task.c


class DoneTask(NamedTuple):
    """A task that was done, and the instant at which."""

    at: int
    kind: str
    subject: Subject


class PassingDays:
    """A clock that goes from task to task. `effects` are the kinds that are done, the others wait for good."""

    def __init__(self, db: Database, effects: Effects, outside: OutsideEffects, start: int) -> None:
        self.db, self.effects, self.outside = db, effects, outside
        self.now = start
        self.done: list[DoneTask] = []

    async def until(self, end: int) -> None:
        """Let time pass until an instant."""
        while rows := await self.db.read(lambda conn: self._next(conn, end)):
            self.now = max(self.now, rows[0].due_at)
            inside = [row for row in rows if row.kind in self.effects]
            if inside:
                await self.db.write(lambda conn, some=inside: self._do(conn, some), LONG_SECONDS)  # type: ignore[misc]
            calls = [row for row in rows if row.kind in self.outside]
            for start in range(0, len(calls), TOGETHER):
                await asyncio.gather(*map(self._call, calls[start : start + TOGETHER]))
        self.now = max(self.now, end)

    async def _next(self, conn: AsyncConnection, end: int) -> Sequence[Any]:
        """The tasks that come due next, of one instant."""
        known: Collection[str] = (*self.effects, *self.outside)
        waits = (t.state == TaskState.STAGED, t.due_at <= end, t.kind.in_(known))
        soonest = (await conn.execute(sa.select(sa.func.min(t.due_at)).where(*waits))).scalar_one()
        if soonest is None:
            return []
        wanted = sa.select(t.id, t.kind, t.subject_kind, t.subject_id, t.due_at)
        now = sa.or_(t.due_at == soonest, t.due_at <= self.now)
        found = await conn.execute(wanted.where(*waits, now).order_by(t.due_at, t.id).limit(AT_ONCE))
        return found.all()

    async def _do(self, conn: AsyncConnection, rows: Sequence[Any]) -> None:
        for row in rows:
            subject = Subject(row.subject_kind, row.subject_id)
            await self.effects[row.kind](conn, subject, self.now)
            self.done.append(DoneTask(self.now, row.kind, subject))
        await _mark(conn, [row.id for row in rows])

    async def _call(self, row: Any) -> None:
        subject = Subject(row.subject_kind, row.subject_id)
        outcome = await self.outside[row.kind].call(self.db, subject, self.now)

        async def write(conn: AsyncConnection) -> None:
            await outcome.record(conn, subject, self.now)
            if outcome.again_at is None:
                await _mark(conn, [row.id])
            else:
                await conn.execute(sa.update(task).where(t.id == row.id).values(due_at=outcome.again_at))

        await self.db.write(write)
        if outcome.again_at is None:
            self.done.append(DoneTask(self.now, row.kind, subject))


async def _mark(conn: AsyncConnection, ids: Collection[int]) -> None:
    await conn.execute(sa.update(task).where(t.id.in_(ids)).values(state=TaskState.DONE))
