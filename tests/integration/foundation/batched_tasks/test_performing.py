"""Tasks done many at a time: each effect once, under its own fence, wherever a worker dies and whichever fails."""

import asyncio
from collections import Counter
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation import audit, outbox
from foundation.audit import SameAct
from foundation.batched_tasks import performing
from foundation.batched_tasks.performing import BatchedTask, BatchEffect, BatchRecord, Subjects, in_batches
from foundation.clock import now_ms
from foundation.outbox import Ring
from foundation.sql.database import Database
from foundation.subjects import Subject
from tests.support.processes.kills import Killed, killed_at
from tests.support.tasks import change, rows

t, a = outbox.task, audit.audit

NOTE = "note"


def thing(n: int) -> Subject:
    return Subject.row("thing", n)


class Notes:
    """An effect that writes a line of the audit a subject, and what it was asked to make."""

    def __init__(self, failing: int = 0) -> None:
        self.failing, self.made = failing, list[list[int]]()

    async def make(self, db: Database, subjects: Subjects, now: int) -> BatchRecord:
        self.made.append([one.number for one in subjects])
        if self.failing in self.made[-1]:
            raise RuntimeError("cannot be made")

        async def record(conn: AsyncConnection, subjects: Subjects) -> None:
            await audit.record_each(conn, "service", NOTE, [SameAct(one, {}) for one in subjects], now)

        return record

    async def alone(self, conn: AsyncConnection, subject: Subject, now: int) -> None:
        raise AssertionError("this kind is made in no transaction, alone too")

    async def perform(self, db: Database, *rings: Ring) -> int:
        return await performing.perform_all(db, {NOTE: self.alone}, {NOTE: BatchEffect(self.make)}, rings)


async def staged(db: Database, many: int) -> list[Ring]:
    """As many tasks, and the ring for all of them."""
    for n in range(1, many + 1):
        await db.write(lambda conn, n=n: outbox.stage(conn, NOTE, thing(n), 1))  # type: ignore[misc]
    return await outbox.due(db, now_ms(), batched={NOTE})


async def noted(db: Database) -> Counter[int]:
    """How often each thing is noted."""
    found = sa.select(a.c.subject_id).where(a.c.act == NOTE)
    return Counter(map(int, (await db.read(lambda conn: conn.execute(found))).scalars()))


ONCE = Counter({1: 1, 2: 1, 3: 1})


async def test_a_batch_is_made_once_and_done_once(database: Database) -> None:
    """One making for all of them; rung again, nothing is done; each is noted in the chain."""
    notes, rings = Notes(), await staged(database, 3)
    assert [ring.batch for ring in rings] == [NOTE] * 3
    assert [await notes.perform(database, *rings) for _ in range(2)] == [3, 0]
    assert notes.made == [[1, 2, 3]] and await noted(database) == ONCE
    assert await rows(database, t.c.attempt, t.c.state, t.c.failures) == [(1, "done", 0)] * 3
    chain = await rows(database, a.c.sequence, a.c.previous, a.c.hash)
    assert [one[1] for one in chain[1:]] == [one[2] for one in chain[:-1]]


async def test_workers_with_overlapping_rings_do_each_once(database: Database) -> None:
    """Whoever has the lease of a task does it: also in another order, and beside a ring for one."""
    notes, rings = Notes(), await staged(database, 3)
    several = (rings, rings[::-1], rings[:2], rings[1:], rings[2:], rings)
    done = await asyncio.gather(*(notes.perform(database, *some) for some in several))
    assert sum(done) == 3 and await noted(database) == ONCE


async def test_a_worker_killed_at_any_statement_leaves_all_or_nothing(database: Database) -> None:
    """Whatever it had leased is done by the next one, once."""
    await staged(database, 3)
    fresh: dict[str, Any] = {"state": "staged", "attempt": 0, "leased_until": 0, "rung_at": 0}
    statement, killed = 0, True
    while killed:
        statement, killed = statement + 1, False
        await database.write(lambda conn: conn.execute(sa.delete(a)))
        await change(database, **fresh)
        with killed_at(database, statement):
            try:
                await Notes().perform(database, *[Ring(id, 0) for id in (1, 2, 3)])
            except Killed:
                killed = True
                assert await noted(database) == {}
        await change(database, leased_until=0, rung_at=0)
        await Notes().perform(database, *await outbox.due(database, now_ms()), Ring(99, 0))
        assert await noted(database) == ONCE
    assert statement >= 8


async def batch(db: Database) -> list[BatchedTask]:
    """Leased by one worker, whose second task another one has taken over since, and done."""
    effects = {NOTE: BatchEffect(Notes().make)}
    leased, _ = await db.write(lambda conn: performing._lease(conn, effects, [Ring(n, 0) for n in (1, 2, 3)]))
    await change(db, leased_until=0)
    assert await Notes().perform(db, Ring(2, 1)) == 1
    return leased


async def test_what_another_worker_took_over_is_left_out(database: Database) -> None:
    """The fence is each task's own: the others of the batch are done."""
    await staged(database, 3)
    leased = await batch(database)
    record = await Notes().make(database, [one.subject for one in leased], 1)
    assert await database.write(lambda conn: performing._do(conn, record, leased)) == {1, 3}
    assert await noted(database) == ONCE


async def test_without_its_fence_a_task_would_be_done_twice(database: Database) -> None:
    """Twin: who looks at no attempt number notes again what the other worker has noted."""
    await staged(database, 3)
    leased = await batch(database)
    record = await Notes().make(database, [one.subject for one in leased], 1)
    await database.write(lambda conn: record(conn, [one.subject for one in leased]))
    assert await noted(database) == ONCE + Counter({2: 1})


async def test_one_that_fails_is_counted_and_the_others_are_done(database: Database) -> None:
    """Each alone, then, under the lease that is there; the one that fails is rung for again."""
    notes, rings = Notes(failing=2), await staged(database, 3)
    assert await notes.perform(database, *rings) == 2
    assert notes.made == [[1, 2, 3], [1], [2], [3]]
    assert await noted(database) == Counter({1: 1, 3: 1})
    states = await rows(database, t.c.id, t.c.state, t.c.attempt, t.c.failures, t.c.error)
    assert states == [(1, "done", 1, 0, None), (2, "staged", 1, 1, "RuntimeError"), (3, "done", 1, 0, None)]


async def test_a_task_that_was_leased_often_is_done_alone(database: Database) -> None:
    """It may be what kills its workers: no other is leased with it, until it is set aside."""
    notes = Notes()
    await staged(database, 3)
    often = outbox.MOST_ATTEMPTS_TOGETHER
    await database.write(lambda conn: conn.execute(sa.update(t).where(t.c.id == 1).values(attempt=often)))
    rings = await outbox.due(database, now_ms() + outbox.RING_AGAIN_MS, batched={NOTE})
    assert [ring.batch for ring in rings] == ["", NOTE, NOTE]
    assert await notes.perform(database, *rings) == 3
    assert notes.made == [[2, 3], [1]]


async def test_a_kind_that_is_no_batch_is_done_alone(database: Database) -> None:
    """As where an older worker is rung for by a newer ticker."""

    async def note(conn: AsyncConnection, subject: Subject, now: int) -> None:
        await audit.record(conn, "service", NOTE, subject, now)

    rings = await staged(database, 2)
    assert await performing.perform_all(database, {NOTE: note}, {}, rings) == 2
    assert await noted(database) == Counter({1: 1, 2: 1})


@pytest.mark.parametrize(
    ("tasks", "batches"),
    [
        ([(1, "a", 1), (2, "b", 1), (3, "a", 2)], [[1, 3], [2]]),
        ([(1, "a", 1), (2, "a", 1), (3, "a", 2), (4, "a", 1)], [[1, 3], [2], [4]]),
    ],
)
def test_batches_are_of_one_kind_and_have_each_subject_once(
    tasks: list[tuple[int, str, int]], batches: list[list[int]]
) -> None:
    """What a subject has twice, such as two confirmations, is numbered one after the other."""
    found = in_batches([BatchedTask(id, 1, kind, thing(n)) for id, kind, n in tasks])
    assert [[one.id for one in some] for some in found] == batches
