"""The transactional outbox: tasks of any subject, staged with their cause and done with their effect (ADRs 0004, 0016).

A task is staged in the transaction of its cause. Once it is due the ticker rings for it until it is done: for every
staged row that was not rung lately and whose lease has run out (`foundation/doorbell.py`). The worker that answers
takes a lease, which raises the attempt number (the fencing token), and then writes the effect and `done` in one
transaction that holds only for that attempt number. So a lost ring is rung again, a second ring finds nothing to do,
and a worker killed between any two lines has either done all of it or nothing.

An effect with an outside call, such as a mail that goes out, makes that call between lease and `done`, in no
transaction, and then writes what came of it under the fence. The call is made at least once, not exactly: a worker
killed after it and before `done` leaves a task that calls again, so what it calls must bear that.

Kinds of tasks and their effects are the features'; the worker is given them by the composition root.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
import structlog
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningUpdate

from foundation.clock import now_ms
from foundation.errors import Unavailable
from foundation.events import Events
from foundation.sql.database import Database
from foundation.sql.tables import Id, InsertOnce, among, insert_for, metadata
from foundation.subjects import Subject


class TaskState(StrEnum):
    """Where a task of the outbox is."""

    STAGED = "staged"
    """Waits until it is due, to be done, or to be tried again."""
    DONE = "done"
    """Its effect and this word were written together."""
    SET_ASIDE = "set_aside"
    """Failed too often; it needs a person's look."""
    LEFT = "left"
    """A person has looked and leaves it undone, with a reason."""


task = sa.Table(
    "task",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("subject_kind", sa.Text, nullable=False),
    sa.Column("subject_id", sa.Text, nullable=False),
    sa.Column(
        "due_at", sa.BigInteger, nullable=False, default=0, comment="instant of the first ring; 0 is at once"
    ),
    sa.Column("key", sa.Text, nullable=False, unique=True, comment="idempotency key: staged twice, one task"),
    sa.Column(
        "state", sa.Text, nullable=False, default=TaskState.STAGED, comment="staged, done or set_aside"
    ),
    sa.Column(
        "attempt", sa.Integer, nullable=False, default=0, comment="fencing token: goes up with each lease"
    ),
    sa.Column("failures", sa.Integer, nullable=False, default=0),
    sa.Column(
        "postponed",
        sa.Integer,
        nullable=False,
        default=0,
        server_default="0",
        comment="leases that ended with a later instant to try again: no failures",
    ),
    sa.Column("staged_at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Column("rung_at", sa.BigInteger, nullable=False, default=0, comment="instant of the last ring"),
    sa.Column("leased_until", sa.BigInteger, nullable=False, default=0, comment="instant"),
    sa.Column("done_at", sa.BigInteger, comment="instant"),
    sa.Column("error", sa.Text, comment="type of the last failure; its text may quote a row, and is nowhere"),
    # What is due is a short stretch of it; reminders of months ahead stand behind and are not read.
    sa.Index(
        "ix_task_staged_due_at",
        "due_at",
        sqlite_where=sa.text("state = 'staged'"),
        postgresql_where=sa.text("state = 'staged'"),
    ),
)

log = structlog.get_logger()

t = task

STAGED = InsertOnce(t, unique=[t.c.key], returning=[t.c.id])

Effect = Callable[[AsyncConnection, Subject, int], Awaitable[None]]
"""What a task does: given a connection inside the transaction, the subject and the instant. It writes to SQL alone: the
fence covers that, and nothing else."""

Effects = Mapping[str, Effect]
"""The effect of each kind of task that a worker can do."""


class OutsideOutcome(NamedTuple):
    """What came of an outside call: `record` writes it to SQL. `again_at` is the instant at which the call is to be
    made once more; None when the task is done."""

    record: Effect
    again_at: int | None = None


class OutsideEffect(msgspec.Struct, frozen=True):
    """What a task does that has an outside call: `call` makes it, in no transaction, and has ended after `within_ms`,
    one way or the other; the lease is as much longer. The call is made at least once."""

    call: Callable[[Database, Subject, int], Awaitable[OutsideOutcome]]
    within_ms: int


OutsideEffects = Mapping[str, OutsideEffect]
"""The same of each kind of task with an outside call."""

NO_CALLS: OutsideEffects = {}

RING_AGAIN_MS = 10_000

LEASE_MS = 20_000
"""A task takes milliseconds. With the ring after it, a task whose worker was killed is done within half a minute."""

MOST_FAILURES = 5

MOST_ATTEMPTS = 25
"""Leases taken, whatever came of them: a task that kills its worker each time is set aside too."""

LONGEST_ERROR = 80
"""Characters of a type's name."""

NEVER_BACK = "WorkerLost"
"""`error` of a task whose workers never came back."""

MOST_AT_ONCE = 250
"""Rings of one round, in one pipeline: what two workers do in a second. Two rounds fill the queue."""


AT_ONCE = 0
"""`due_at` of a task that waits for nothing: no clock has a say, so a host whose clock is ahead delays nothing."""


MOST_ATTEMPTS_TOGETHER = 3
"""A task with more leases behind it is rung for alone: one that kills its worker takes no other with it for long."""


class Ring(msgspec.Struct, frozen=True):
    """A task to ring for, and the attempt number it stood at. Those with the same `batch` may be done together; an
    empty one is done alone."""

    id: int
    attempt: int
    batch: str = ""


class LeaseLost(Exception):
    """Another worker has taken this task over: what this one wrote is rolled back."""


def key_of(kind: str, subject: Subject) -> str:
    """The idempotency key of a task that a subject has once, such as `confirmation:submission:17`."""
    return f"{kind}:{subject}"


async def stage(
    conn: AsyncConnection,
    kind: str,
    subject: Subject,
    now: int,
    *,
    due_at: int = AT_ONCE,
    key: str | None = None,
) -> bool:
    """Stage one task in the transaction of its cause; False when its key is there already: that one task stays as it
    is.

    `due_at` is the instant from which on it is done. `key` is for what a subject has more than once, such as a reminder
    of each month.
    """
    values = {
        "kind": kind,
        "subject_kind": subject.kind,
        "subject_id": subject.id,
        "due_at": due_at,
        "key": key_of(kind, subject) if key is None else key,
        "staged_at": now,
    }
    return await STAGED.execute(conn, values) is not None


async def stage_each(
    conn: AsyncConnection, kind: str, subjects: Sequence[Subject], now: int, *, due_at: int = AT_ONCE
) -> None:
    """The same for many subjects at once, each under the key of a task that it has once."""
    if not subjects:
        return
    rows = [
        {
            "kind": kind,
            "subject_kind": one.kind,
            "subject_id": one.id,
            "due_at": due_at,
            "key": key_of(kind, one),
            "staged_at": now,
        }
        for one in subjects
    ]
    await conn.execute(insert_for(conn, t).on_conflict_do_nothing(index_elements=[t.c.key]), rows)


class Backlog(msgspec.Struct, frozen=True):
    """What is due and not done, for how long the oldest of it, and what was set aside."""

    due: int
    overdue_ms: int
    set_aside: int


async def backlog(conn: AsyncConnection, now: int) -> Backlog:
    """How far workers are behind. `now`: instant."""
    since = sa.case((t.c.due_at > t.c.staged_at, t.c.due_at), else_=t.c.staged_at)
    waiting = sa.select(sa.func.count(), sa.func.min(since)).where(
        t.c.state == sa.literal_column(f"'{TaskState.STAGED}'"), t.c.due_at <= now
    )
    due, oldest = (await conn.execute(waiting)).one()
    aside = sa.select(sa.func.count()).where(t.c.state == TaskState.SET_ASIDE)
    set_aside = (await conn.execute(aside)).scalar_one()
    return Backlog(due, max(0, now - oldest) if due else 0, set_aside)


class BulkStaging:
    """Stages the same kinds of tasks, at once, for all subjects that a query finds: one statement for any number.

    `found` has the columns `id`, a subject's key, and `at`, the instant of the cause. A key that is there stays one
    task.
    """

    def __init__(self, kinds: Iterable[str], subject_kind: str, found: sa.Select[Any]) -> None:
        named = [
            sa.select(
                sa.literal(str(kind)).label("kind"), sa.literal(f"{kind}:{subject_kind}:").label("prefix")
            )
            for kind in kinds
        ]
        each, subject = sa.union_all(*named).subquery(), found.subquery()
        id = sa.cast(subject.c.id, sa.Text)
        columns = ["kind", "subject_kind", "subject_id", "due_at", "key", "staged_at"]
        rows = (
            sa.select(
                each.c.kind,
                sa.literal(subject_kind),
                id,
                sa.literal(AT_ONCE),
                each.c.prefix + id,
                subject.c.at,
            )
            .join(each, sa.true())
            .where(sa.true())  # without it SQLite would take ON CONFLICT for the condition of the join
        )
        self._on_sqlite = sqlite.insert(t).from_select(columns, rows).on_conflict_do_nothing()
        self._on_postgresql = postgresql.insert(t).from_select(columns, rows).on_conflict_do_nothing()

    async def stage(self, conn: AsyncConnection, parameters: Mapping[str, Any]) -> None:
        """Stage them, in the transaction of their cause; `parameters` are the query's."""
        await conn.execute(
            self._on_sqlite if conn.dialect.name == "sqlite" else self._on_postgresql, parameters
        )


async def due(db: Database, now: int, most: int = MOST_AT_ONCE, batched: Collection[str] = ()) -> list[Ring]:
    """The tasks to ring for now, the longest not rung first; they count as rung from here on. Raises Unavailable.

    They are marked before anybody rings, so that two tickers ring once; a ring that fails comes again in ten seconds.
    `batched` are the kinds of which many may be done together.
    """

    def ring(row: Any) -> Ring:
        is_batched = row.kind in batched and row.attempt < MOST_ATTEMPTS_TOGETHER
        return Ring(row.id, row.attempt, row.kind if is_batched else "")

    async def mark(conn: AsyncConnection) -> list[Ring]:
        rows = await conn.execute(_due(now).limit(most).with_for_update(skip_locked=True))
        rings = [ring(row) for row in rows]
        if rings:
            ids = [ring.id for ring in rings]
            await conn.execute(sa.update(t).where(t.c.id.in_(ids)).values(rung_at=now))
        return rings

    return await db.write(mark) if await is_any_due(db, now) else []


async def is_any_due(db: Database, now: int) -> bool:
    """Whether there is a task to ring for now: a look. Raises Unavailable."""
    first = await db.read(lambda conn: conn.execute(_due(now).limit(1)))
    return first.first() is not None


def _due(now: int) -> sa.Select[tuple[int, int, str]]:
    # Written out, so that SQLite sees that its index of staged rows will do.
    waits = (
        t.c.state == sa.literal_column("'staged'"),
        t.c.due_at <= now,
        t.c.rung_at <= now - RING_AGAIN_MS,
        t.c.leased_until <= now,
    )
    return sa.select(t.c.id, t.c.attempt, t.c.kind).where(*waits).order_by(t.c.rung_at, t.c.id)


async def perform(
    db: Database,
    effects: Effects,
    task_id: int,
    attempt: int,
    events: Events | None = None,
    outside: OutsideEffects = NO_CALLS,
) -> bool:
    """Do a task that was rung for at this attempt number; whether it was done here and now.

    Never raises for a failure of the task: that is counted in its row. A kind that is not among the effects is left
    for a worker that knows it, such as a newer one in a rolling restart. Raises Unavailable when SQL is away; the
    lease then runs out and the task is rung for again.
    """
    fence = attempt + 1
    leased = await db.write(lambda conn: _lease(conn, effects, task_id, attempt, outside))
    if leased is None:
        return False
    kind = leased.kind
    try:
        outcome = await _outcome(db, effects, outside, leased)
        done = {kind: outcome.record}
        await db.write(lambda conn: _do(conn, done, task_id, fence, outcome.again_at))
    except LeaseLost:
        log.warning("job_lease_lost", job=task_id, kind=kind, attempt=fence)
        return False
    except Unavailable:
        raise
    except Exception as problem:  # whatever went wrong in an effect, the row must say so and the worker go on
        await count_failure(db, task_id, fence, kind, problem, events)
        return False
    if outcome.again_at is not None:
        return False
    (events or Events()).count("jobs_done", kind=kind)
    return True


class LeasedTask(NamedTuple):
    """A task that this worker may do now: its kind, and what it is about."""

    kind: str
    subject: Subject


async def _outcome(
    db: Database, effects: Effects, outside: OutsideEffects, leased: LeasedTask
) -> OutsideOutcome:
    """The effect to write; where there is an outside call, after it. Raises TimeoutError for one that does not end."""
    calling = outside.get(leased.kind)
    if calling is None:
        return OutsideOutcome(effects[leased.kind])
    async with asyncio.timeout(calling.within_ms / 1000):
        return await calling.call(db, leased.subject, now_ms())


_NOW = sa.bindparam("now", type_=sa.BigInteger())

_THIS = t.c.id == sa.bindparam("task")


@lru_cache(16)
def _leasing(longer: tuple[tuple[str, int], ...]) -> ReturningUpdate[tuple[str, str, str, str]]:
    """The statement of a lease, made once: to build it takes as long as to execute it. `longer` are the kinds that call
    something outside, with the milliseconds that they have for it."""
    free = (
        _THIS,
        t.c.attempt == sa.bindparam("of_attempt"),
        t.c.state == TaskState.STAGED,
        t.c.leased_until <= _NOW,
        t.c.due_at <= _NOW,
        among(t.c.kind, "known"),
    )
    # Leases that ended with a later instant were no failures, and do not count.
    never_back = t.c.attempt - t.c.postponed >= MOST_ATTEMPTS
    state = sa.case((never_back, TaskState.SET_ASIDE), else_=TaskState.STAGED)
    error = sa.case((never_back, NEVER_BACK), else_=t.c.error)
    more = {kind: LEASE_MS + within for kind, within in longer}
    until = _NOW + (sa.case(more, value=t.c.kind, else_=LEASE_MS) if more else LEASE_MS)
    taken = sa.update(t).where(*free).values(
        attempt=t.c.attempt + 1, leased_until=until, state=state, error=error
    )  # fmt: skip
    return taken.returning(t.c.kind, t.c.subject_kind, t.c.subject_id, t.c.state)


async def _lease(
    conn: AsyncConnection, effects: Effects, task_id: int, attempt: int, outside: OutsideEffects = NO_CALLS
) -> LeasedTask | None:
    """The task if it may be done under the next attempt number, None if there is nothing to do."""
    known = (*effects, *outside)
    taken = _leasing(tuple((kind, one.within_ms) for kind, one in outside.items()))
    asked = {"task": task_id, "of_attempt": attempt, "now": now_ms(), "known": known}
    row = (await conn.execute(taken, asked)).one_or_none()
    if row is None:
        await _say_unknown(conn, known, task_id)
        return None
    if row.state == TaskState.SET_ASIDE:
        log.error(
            "job_set_aside",
            job=task_id,
            kind=row.kind,
            attempts=attempt,
            reason="its workers never come back",
        )
        return None
    return LeasedTask(row.kind, Subject(row.subject_kind, row.subject_id))


async def _say_unknown(conn: AsyncConnection, known: Collection[str], task_id: int) -> None:
    """A kind that this worker has no effect for is in the log; anything else that was not to be done needs no word."""
    found = sa.select(t.c.kind).where(t.c.id == task_id, t.c.state == TaskState.STAGED)
    kind = (await conn.execute(found)).scalar_one_or_none()
    if kind is not None and kind not in known:
        log.warning("job_unknown", job=task_id, kind=kind)


async def _do(
    conn: AsyncConnection, effects: Effects, task_id: int, fence: int, again_at: int | None = None
) -> None:
    """The effect and `done`, or neither; with `again_at` instead of `done` the instant of the next call."""
    mine = {"task": task_id, "fence": fence}
    row = (await conn.execute(_HELD, mine)).one_or_none()
    if row is None:
        raise LeaseLost
    now = now_ms()
    await effects[row.kind](conn, Subject(row.subject_kind, row.subject_id), now)
    if again_at is None:
        await conn.execute(_DONE, mine | {"now": now})
    else:
        await conn.execute(_AGAIN, mine | {"again_at": again_at})


_MINE = (_THIS, t.c.attempt == sa.bindparam("fence"), t.c.state == TaskState.STAGED)

_HELD = sa.select(t.c.kind, t.c.subject_kind, t.c.subject_id).where(*_MINE).with_for_update()

_DONE = sa.update(t).where(*_MINE).values(state=TaskState.DONE, done_at=_NOW)

_AGAIN = sa.update(t).where(*_MINE).values(
    due_at=sa.bindparam("again_at"), leased_until=0, postponed=t.c.postponed + 1
)  # fmt: skip


async def count_failure(
    db: Database, task_id: int, fence: int, kind: str, problem: Exception, events: Events | None = None
) -> None:
    """Count a failure; the fifth sets the task aside, with an error in the log."""

    error = type(problem).__name__[:LONGEST_ERROR]

    async def count(conn: AsyncConnection) -> str | None:
        state = sa.case((t.c.failures + 1 >= MOST_FAILURES, TaskState.SET_ASIDE), else_=TaskState.STAGED)
        mine = (t.c.id == task_id, t.c.attempt == fence, t.c.state == TaskState.STAGED)
        counted = sa.update(t).where(*mine)
        counted = counted.values(failures=t.c.failures + 1, leased_until=0, state=state, error=error)
        now_state: str | None = (await conn.execute(counted.returning(t.c.state))).scalar_one_or_none()
        return now_state

    state = await db.write(count)
    # The text of a problem may quote a row; the log keeps only its type (P11).
    tell, what = (log.error, "job_set_aside") if state == TaskState.SET_ASIDE else (log.warning, "job_failed")
    tell(what, job=task_id, kind=kind, attempt=fence, error=problem)
    (events or Events()).count("jobs_failed", kind=kind)
