"""Tasks of one kind that are done many at a time: one ring, one lease, one transaction, and each under its own fence.

What a task costs besides its effect (a ring, two transactions, what each of them asks the server) is paid once for a
batch. First everything that asks for no lock is made, in no transaction; then one transaction takes the rows of those
that are still this worker's, writes what was made, and `done`. A task that another worker has taken over meanwhile is
left out of it; where anything fails, nothing of it stays, and each task is done alone, so that only the one that fails
is counted as failed (`foundation/outbox.py`, ADR 0032).
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import NamedTuple

import msgspec
import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation import outbox
from foundation.clock import now_ms
from foundation.errors import Unavailable
from foundation.events import Events
from foundation.outbox import (
    NO_CALLS,
    Effects,
    OutsideEffect,
    OutsideEffects,
    OutsideOutcome,
    Ring,
    TaskState,
    task,
)
from foundation.sql.database import Database
from foundation.subjects import Subject

log = structlog.get_logger()

t = task

LEASE_MS = 5_000
"""A batch takes a quarter of a second, and a worker that is killed keeps its tasks waiting for this long. Where a
machine is too slow for that, batches lose their leases, and their tasks are done alone after some of them, under
longer ones."""

MAKING_MS = 5_000
"""The longest that one task is made, before its transaction."""

Subjects = Sequence[Subject]

BatchRecord = Callable[[AsyncConnection, Subjects], Awaitable[None]]
"""Writes what was made ahead, for those of its subjects that are still this worker's. It must hold whatever changed
since: what it writes is what would be made now."""


class BatchEffect(msgspec.Struct, frozen=True):
    """What the tasks of a kind do for many subjects, no two of them the same: `make` reads and computes, in no
    transaction and for an instant, and gives what writes it."""

    make: Callable[[Database, Subjects, int], Awaitable[BatchRecord]]


BatchEffects = Mapping[str, BatchEffect]
"""The same by kind; each of these kinds has an effect of its own too, for a ring that names one task."""


class BatchedTask(NamedTuple):
    """A task whose lease this worker took: with its fencing token, the attempt number that is now its own."""

    id: int
    fence: int
    kind: str
    subject: Subject


async def perform_all(
    db: Database,
    effects: Effects,
    batches: BatchEffects,
    rings: Sequence[Ring],
    events: Events | None = None,
    outside: OutsideEffects = NO_CALLS,
) -> int:
    """Do the tasks that one ring names; how many were done here and now. Otherwise as `outbox.perform`, which does
    those of which no kind is among the batches. Several at once are of kinds that ask for nothing outside."""
    done, outside = 0, {**outside, **one_by_one(batches)}
    leased, alone = await _leased(db, batches, rings)
    for batch in in_batches(leased):
        done += await _together(db, batches[batch[0].kind], batch, events)
    for ring in alone:
        done += await outbox.perform(db, effects, ring.id, ring.attempt, events, outside)
    return done


def one_by_one(batches: BatchEffects) -> OutsideEffects:
    """The same effects for a ring that names one task: it is made in no transaction there too."""

    def calling(effect: BatchEffect) -> OutsideEffect:
        async def call(db: Database, subject: Subject, now: int) -> OutsideOutcome:
            record = await effect.make(db, [subject], now)
            return OutsideOutcome(lambda conn, subject, _now: record(conn, [subject]))

        return OutsideEffect(call, MAKING_MS)

    return {kind: calling(effect) for kind, effect in batches.items()}


def in_batches(tasks: Sequence[BatchedTask]) -> list[list[BatchedTask]]:
    """The tasks by kind, and each subject once a batch: what a subject has twice comes one after the other. Pure."""
    found: dict[tuple[str, int], list[BatchedTask]] = {}
    seen: dict[tuple[str, Subject], int] = {}
    for one in tasks:
        turn = seen[one.kind, one.subject] = seen.get((one.kind, one.subject), 0) + 1
        found.setdefault((one.kind, turn), []).append(one)
    return list(found.values())


async def _leased(
    db: Database, batches: BatchEffects, rings: Sequence[Ring]
) -> tuple[list[BatchedTask], Sequence[Ring]]:
    if len(rings) == 1:
        return [], rings
    return await db.write(lambda conn: _lease(conn, batches, rings))


async def _lease(
    conn: AsyncConnection, batches: BatchEffects, rings: Sequence[Ring]
) -> tuple[list[BatchedTask], list[Ring]]:
    """The tasks that may be done together, leased; and those that are done each alone, which are not."""
    now, attempts = now_ms(), {ring.id: ring.attempt for ring in rings}
    free = (t.c.state == TaskState.STAGED, t.c.leased_until <= now, t.c.due_at <= now)
    # In the order of their ids, as all who take several: so no two wait for each other.
    wanted = sa.select(t.c.id, t.c.kind, t.c.subject_kind, t.c.subject_id, t.c.attempt)
    wanted = wanted.where(t.c.id.in_(attempts), *free).order_by(t.c.id).with_for_update()
    leased, alone = [], []
    for row in await conn.execute(wanted):
        if row.attempt != attempts[row.id]:
            continue
        if row.kind in batches and row.attempt < outbox.MOST_ATTEMPTS_TOGETHER:
            subject = Subject(row.subject_kind, row.subject_id)
            leased.append(BatchedTask(row.id, row.attempt + 1, row.kind, subject))
        else:
            alone.append(Ring(row.id, row.attempt))
    if leased:
        mine = t.c.id.in_([one.id for one in leased])
        taken = {"attempt": t.c.attempt + 1, "leased_until": now + LEASE_MS}
        await conn.execute(sa.update(t).where(mine).values(taken))
    return leased, alone


async def _together(
    db: Database, effect: BatchEffect, batch: Sequence[BatchedTask], events: Events | None
) -> int:
    """Do a batch; where it fails, each of its tasks alone, under the lease that is there."""
    kind = batch[0].kind
    try:
        record = await effect.make(db, [one.subject for one in batch], now_ms())
        done = await db.write(lambda conn: _do(conn, record, batch))
    except Unavailable:
        raise
    except Exception as problem:  # as in `outbox.perform`: the row must say so, and the worker go on
        if len(batch) > 1:
            log.warning("batch_failed", kind=kind, count=len(batch), error=problem)
            return sum([await _together(db, effect, [one], events) for one in batch])
        await outbox.count_failure(db, batch[0].id, batch[0].fence, kind, problem, events)
        return 0
    for one in batch:
        if one.id not in done:
            log.warning("job_lease_lost", job=one.id, kind=kind, attempt=one.fence)
    if done:
        (events or Events()).count("jobs_done", len(done), kind=kind)
    return len(done)


async def _do(conn: AsyncConnection, record: BatchRecord, batch: Sequence[BatchedTask]) -> set[int]:
    """The effects and `done` of the tasks that are still this worker's, or nothing; which those are."""
    fences = {one.id: one.fence for one in batch}
    still = sa.select(t.c.id, t.c.attempt).where(t.c.id.in_(fences), t.c.state == TaskState.STAGED)
    rows = await conn.execute(still.order_by(t.c.id).with_for_update())
    mine = {row.id for row in rows if row.attempt == fences[row.id]}
    if not mine:
        return mine
    await record(conn, [one.subject for one in batch if one.id in mine])
    done = {"state": TaskState.DONE, "done_at": now_ms()}
    await conn.execute(sa.update(t).where(t.c.id.in_(mine)).values(done))
    return mine
