"""The outbox: each effect exactly once, wherever the worker dies; rung until done; set aside when it cannot be done."""

import asyncio

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from casework import store
from casework.letters.store import document_file
from casework.mailbox.store import message, message_attachment
from foundation import outbox
from foundation.clock import now_ms
from foundation.outbox import OutsideEffect, OutsideOutcome, Ring
from foundation.sql.database import Database
from foundation.subjects import Subject
from submission.follow_up import FollowUp
from tests.support.processes.kills import Killed, killed_at
from tests.support.tasks import EFFECTS, change, confirm, confirmation, perform, rows, submitted

t, d = outbox.task, store.document


async def test_a_second_ring_finds_nothing_to_do(database: Database) -> None:
    """A repeated, late or invented ring does nothing: the row says what is left."""
    await submitted(database)
    task = await confirmation(database)
    assert [await perform(database, task, 0) for _ in range(3)] == [True, False, False]
    assert not await perform(database, task, 1)
    assert not await perform(database, 999, 0)
    assert await rows(database, d.c.kind) == [("confirmation",)]


async def test_ten_workers_at_once_file_one_document(database: Database) -> None:
    """Whoever takes the lease does it; the others find it taken."""
    await submitted(database)
    task = await confirmation(database)
    done = await asyncio.gather(*(perform(database, task, 0) for _ in range(10)))
    assert sorted(done) == [False] * 9 + [True]
    assert len(await rows(database, d.c.id)) == 1


async def test_a_worker_killed_at_any_line_leaves_all_or_nothing(database: Database) -> None:
    """Killed at each statement and commit in turn, and rung again: one document, never none, never two (P3)."""
    await submitted(database)
    task = await confirmation(database)
    fresh = {"state": "staged", "attempt": 0, "leased_until": 0, "rung_at": 0, "failures": 0}
    statement, killed = 0, True
    while killed:
        statement, killed = statement + 1, False
        for filed in (message_attachment, message, document_file, store.document):
            await database.write(lambda conn, filed=filed: conn.execute(sa.delete(filed)))  # type: ignore[misc]
        await database.write(lambda conn: conn.execute(sa.update(t).where(t.c.id == task).values(fresh)))
        with killed_at(database, statement):
            try:
                await perform(database, task, 0)
            except Killed:
                killed = True
                assert await rows(database, d.c.id) == []
        await change(database, leased_until=0, rung_at=0)
        for ring in await outbox.due(database, now_ms()):
            await perform(database, ring.id, ring.attempt)
        assert len(await rows(database, d.c.id)) == len(await rows(database, *message_attachment.c)) == 1
        states = await rows(database, t.c.due_at, t.c.state)
        assert {state for due_at, state in states if due_at <= now_ms()} == {"done"}
    assert statement >= 8  # seven statements and commits at least, and one run that nobody killed


async def test_a_worker_that_wakes_after_its_lease_writes_nothing(database: Database) -> None:
    """Frozen between lease and effect while another did the job: its own effect is rolled back by the fence."""
    await submitted(database)
    task = await confirmation(database)
    await database.write(lambda conn: outbox._lease(conn, EFFECTS, task, 0))
    await change(database, leased_until=0)
    assert await perform(database, task, 1)
    with pytest.raises(outbox.LeaseLost):
        await database.write(lambda conn: outbox._do(conn, EFFECTS, task, 1))
    assert len(await rows(database, d.c.id)) == 1


async def test_without_the_fence_only_the_table_would_stop_a_second_document(database: Database) -> None:
    """Twin: an effect that looks at no attempt number writes again; the table's own rule is left, and is an error."""
    await submitted(database)
    task = await confirmation(database)
    assert await perform(database, task, 0)
    with pytest.raises(IntegrityError):
        await database.write(lambda conn: confirm(conn, 1, now_ms()))


async def test_a_task_is_rung_for_until_it_is_done(database: Database) -> None:
    """At once, then again after ten seconds, not while somebody holds the lease, and never after it is done."""
    await submitted(database)
    now = now_ms()
    both = [Ring(1, 0), Ring(2, 0)]
    await database.write(lambda conn: conn.execute(sa.delete(t).where(t.c.id > len(both))))
    assert await outbox.due(database, now) == both
    assert await outbox.due(database, now + 9_999) == []
    assert await outbox.due(database, now + 10_000) == both
    assert await perform(database, 2, 0)
    await database.write(lambda conn: outbox._lease(conn, EFFECTS, 1, 0))
    assert await outbox.due(database, now + 20_000) == []
    assert await outbox.due(database, now + 60_000) == [Ring(1, 1)]
    assert await perform(database, 1, 1) is False  # by this host's clock the lease still holds


async def test_two_tickers_ring_each_task_once(database: Database) -> None:
    """What one has marked the other does not ring for."""
    await submitted(database, 5)
    now = now_ms()
    found = await asyncio.gather(*(outbox.due(database, now) for _ in range(4)))
    assert sorted(ring.id for rings in found for ring in rings) == list(range(1, 5 * len(FollowUp) + 1))


async def test_a_task_that_fails_five_times_is_set_aside(database: Database) -> None:
    """It stops being rung for, and the others go on; what it wrote each time is rolled back."""

    async def broken(conn: AsyncConnection, subject: Subject, now: int) -> None:
        await EFFECTS["confirmation"](conn, subject, now)
        raise RuntimeError("the effect is broken")

    await submitted(database)
    failing = {**EFFECTS, "confirmation": broken}
    now, attempts = now_ms(), []
    for turn in range(8):
        for ring in await outbox.due(database, now + turn * outbox.RING_AGAIN_MS):
            attempts.append(ring.attempt)
            await outbox.perform(database, failing, ring.id, ring.attempt)
    others = len(FollowUp) - 1
    assert sorted(attempts) == [*[0] * others, 0, 1, 2, 3, 4]
    states = dict(await rows(database, t.c.kind, t.c.state))
    assert {kind: states[kind] for kind in FollowUp} == {
        "confirmation": "set_aside",
        "duplicate_scan": "done",
        "payment_watch": "done",
    }
    assert await rows(database, d.c.id) == []


async def test_a_task_that_kills_its_worker_each_time_is_set_aside_too(database: Database) -> None:
    """Nobody is left to count a failure, so leases are counted: after twenty-five nobody else is sent."""
    await submitted(database)
    await change(database, attempt=outbox.MOST_ATTEMPTS)
    assert not await perform(database, await confirmation(database), outbox.MOST_ATTEMPTS)
    assert ("confirmation", "set_aside") in await rows(database, t.c.kind, t.c.state)


PERIOD = Subject("period", "u1")


async def test_a_task_can_be_about_anything_and_be_staged_once(database: Database) -> None:
    """The key says what is the same: of ten who stage it at once one does, and the row of the first stays."""

    async def stage(conn: AsyncConnection, due_at: int) -> bool:
        return await outbox.stage(conn, "reminder", PERIOD, 7, due_at=due_at)

    staged = await asyncio.gather(*(database.write(lambda conn, n=n: stage(conn, n)) for n in range(10)))  # type: ignore[misc]
    assert sorted(staged) == [False] * 9 + [True]
    (row,) = await rows(database, t.c.kind, t.c.subject_kind, t.c.subject_id, t.c.key, t.c.due_at)
    assert row == ("reminder", "period", "u1", "reminder:period:u1", staged.index(True))


async def test_a_key_of_its_own_makes_a_second_task(database: Database) -> None:
    """What a subject has more than once says which one it is."""

    async def stage(conn: AsyncConnection, key: str) -> bool:
        return await outbox.stage(conn, "reminder", PERIOD, 7, key=key)

    keys = ("reminder:period:u1:june", "reminder:period:u1:july", "reminder:period:u1:june")
    assert [await database.write(lambda conn, k=key: stage(conn, k)) for key in keys] == [True, True, False]  # type: ignore[misc]


async def test_a_task_goes_with_its_cause(database: Database) -> None:
    """A transaction that is undone has staged nothing."""

    async def fails(conn: AsyncConnection) -> None:
        await outbox.stage(conn, "reminder", PERIOD, 7)
        raise LookupError

    with pytest.raises(LookupError):
        await database.write(fails)
    assert await rows(database, t.c.id) == []


async def test_a_task_is_not_rung_for_before_it_is_due(database: Database) -> None:
    """A reminder waits for its instant, and a ring that comes too early does nothing; a task without one waits for no
    clock, not even of a host that is ahead."""
    now, told = now_ms(), []

    async def remind(_conn: AsyncConnection, subject: Subject, _now: int) -> None:
        told.append(subject)

    async def stage(conn: AsyncConnection) -> None:
        await outbox.stage(conn, "reminder", PERIOD, now, due_at=now + 3_600_000)
        await outbox.stage(conn, "greeting", PERIOD, now + 3_600_000)

    await database.write(stage)
    assert await outbox.due(database, now) == [Ring(2, 0)]
    assert await outbox.due(database, now + 3_599_999) == [Ring(2, 0)]
    assert not await outbox.perform(database, {"reminder": remind}, 1, 0)
    assert told == []
    assert await outbox.due(database, now + 3_600_000) == [Ring(1, 0)]
    await database.write(lambda conn: conn.execute(sa.update(t).where(t.c.id == 1).values(due_at=now)))
    assert await outbox.perform(database, {"reminder": remind}, 1, 0)
    assert told == [PERIOD]


async def test_a_kind_that_a_worker_does_not_know_is_left_for_another(database: Database) -> None:
    """As in a rolling restart: nothing is counted against the task, and the worker that knows it does it."""
    await submitted(database)
    task = await confirmation(database)
    assert not await outbox.perform(database, {}, task, 0)
    assert await rows(database, t.c.id, t.c.state, t.c.attempt, t.c.failures) == [
        (n, "staged", 0, 0) for n in range(1, len(FollowUp) + 1)
    ]
    assert await perform(database, task, 0)


async def test_many_are_staged_by_one_statement(database: Database) -> None:
    """Every kind for each row of a query, in the order of the kinds; staged again they stay what they are."""
    each = [sa.select(sa.literal(n).label("id"), sa.literal(5).label("at")) for n in (1, 2, 3)]
    given = sa.union_all(*each).subquery()
    staging = outbox.BulkStaging(("one", "two"), "file", sa.select(given.c.id, given.c.at))
    for _ in range(2):
        await database.write(lambda conn: staging.stage(conn, {}))
    wanted = [(f"{kind}:file:{n}", 0, 5, "staged") for kind in ("one", "two") for n in (1, 2, 3)]
    assert await rows(database, t.c.key, t.c.due_at, t.c.staged_at, t.c.state) == wanted


async def test_how_far_workers_are_behind(database: Database) -> None:
    """What is due and not done, since when the oldest of it; what is for later or done does not count."""
    now = now_ms()

    async def counted(at: int = now) -> tuple[int, int, int]:
        found = await database.read(lambda conn: outbox.backlog(conn, at))
        return found.due, found.overdue_ms, found.set_aside

    async def staged(number: int, due_at: int) -> None:
        await database.write(
            lambda conn: outbox.stage(conn, "reminder", Subject("x", str(number)), now - 5_000, due_at=due_at)
        )

    assert await counted() == (0, 0, 0)
    await staged(1, outbox.AT_ONCE)
    await staged(2, now - 2_000)
    await staged(3, now + 60_000)
    assert await counted() == (2, 5_000, 0)
    assert await counted(now + 61_000) == (3, 66_000, 0)
    await change(database, state="set_aside")
    assert await counted() == (0, 0, 3)


class Posts:
    """Something outside that counts its calls, and what is written of each."""

    def __init__(self, again_at: int | None = None) -> None:
        self.calls = 0
        self.written: list[int] = []
        self.again_at = again_at
        self.is_killed = False

    async def call(self, db: Database, subject: Subject, now: int) -> OutsideOutcome:
        self.calls += 1
        # Not in a transaction: on SQLite this would wait for the writer that it keeps.
        await db.write(lambda conn: outbox.stage(conn, "other", Subject("call", str(self.calls)), now))
        return OutsideOutcome(self.record, self.again_at)

    async def record(self, conn: AsyncConnection, subject: Subject, now: int) -> None:
        if self.is_killed:
            raise Killed
        self.written.append(self.calls)

    @property
    def outside(self) -> dict[str, OutsideEffect]:
        return {"posting": OutsideEffect(self.call, within_ms=5_000)}


async def staged_posting(db: Database) -> None:
    await db.write(lambda conn: outbox.stage(conn, "posting", PERIOD, now_ms()))


async def state_of(db: Database, task: int = 1) -> list[tuple[object, ...]]:
    columns = (t.c.state, t.c.attempt, t.c.failures, t.c.postponed)
    found = await db.read(lambda conn: conn.execute(sa.select(*columns).where(t.c.id == task)))
    return [tuple(row) for row in found]


async def test_an_outside_call_is_made_in_no_transaction(database: Database) -> None:
    """Then what came of it is written with `done`; a second ring finds nothing to do."""
    posts = Posts()
    await staged_posting(database)
    assert await outbox.perform(database, {}, 1, 0, None, posts.outside)
    assert not await outbox.perform(database, {}, 1, 1, None, posts.outside)
    assert (posts.calls, posts.written) == (1, [1])
    assert await state_of(database) == [("done", 1, 0, 0)]


async def test_a_worker_killed_after_an_outside_call_calls_again(database: Database) -> None:
    """At least once: between the call and `done` there is no transaction that both are in."""
    posts = Posts()
    await staged_posting(database)
    posts.is_killed = True
    with pytest.raises(Killed):
        await outbox.perform(database, {}, 1, 0, None, posts.outside)
    assert (posts.calls, posts.written) == (1, [])
    posts.is_killed = False
    assert not await outbox.perform(database, {}, 1, 1, None, posts.outside)  # the lease still holds
    await change(database, leased_until=0)
    assert await outbox.perform(database, {}, 1, 1, None, posts.outside)
    assert (posts.calls, posts.written) == (2, [2])


async def test_the_lease_of_an_outside_call_is_as_long_as_the_call_may_take(database: Database) -> None:
    """Nobody else begins it meanwhile; one that outlives it writes nothing."""
    posts = Posts()
    await staged_posting(database)
    await database.write(lambda conn: outbox._lease(conn, {}, 1, 0, posts.outside))
    ((until,),) = await rows(database, t.c.leased_until)
    assert until > now_ms() + outbox.LEASE_MS + 4_000
    await change(database, leased_until=0)
    assert await outbox.perform(database, {}, 1, 1, None, posts.outside)
    with pytest.raises(outbox.LeaseLost):
        await database.write(lambda conn: outbox._do(conn, {"posting": posts.record}, 1, 1))


async def test_a_call_that_is_to_be_made_again_waits_and_is_no_failure(database: Database) -> None:
    """However often; leases that ended so do not count towards setting a task aside."""
    posts = Posts(again_at=now_ms() + 60_000)
    await staged_posting(database)
    assert not await outbox.perform(database, {}, 1, 0, None, posts.outside)
    assert Ring(1, 1) not in await outbox.due(database, now_ms() + 20_000)
    assert Ring(1, 1) in await outbox.due(database, now_ms() + 61_000)
    assert await state_of(database) == [("staged", 1, 0, 1)]
    many = {"due_at": 0, "attempt": 2 * outbox.MOST_ATTEMPTS, "postponed": 2 * outbox.MOST_ATTEMPTS}
    await database.write(lambda conn: conn.execute(sa.update(t).where(t.c.id == 1).values(many)))
    posts.again_at = None
    assert await outbox.perform(database, {}, 1, 2 * outbox.MOST_ATTEMPTS, None, posts.outside)
    assert posts.written == [1, 2]
