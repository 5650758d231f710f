"""Work done after a submission. The staged row is the ledger; RQ is only the bell (ADR on jobs in `docs/adr/`).

A job is staged in the transaction that accepts the submission. The ticker rings for every staged row that was not rung
lately and whose lease has run out. Whoever answers takes a lease, which raises the attempt number, and then writes the
effect and `done` in one transaction that holds only for that attempt number. So a lost ring is rung again, a second
ring finds nothing to do, and a worker killed between any two lines has either done all of it or nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from enum import StrEnum
from uuid import uuid4

import msgspec
import redis
import sqlalchemy as sa
import structlog
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy.ext.asyncio import AsyncConnection

from casework import confirmation
from foundation.clock import now_ms
from foundation.errors import Unavailable
from foundation.events import Events
from foundation.sql.database import Database
from foundation.sql.tables import Id, metadata
from submission import duplicates, store

job = sa.Table(
    "job",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("submission", sa.BigInteger, sa.ForeignKey("submission.id"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False, default="staged", comment="staged, done or set_aside"),
    sa.Column("attempt", sa.Integer, nullable=False, default=0, comment="the fence: goes up with each lease"),
    sa.Column("failures", sa.Integer, nullable=False, default=0),
    sa.Column("staged_at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Column("rung_at", sa.BigInteger, nullable=False, default=0, comment="instant of the last ring"),
    sa.Column("leased_until", sa.BigInteger, nullable=False, default=0, comment="instant"),
    sa.Column("done_at", sa.BigInteger, comment="instant"),
    sa.UniqueConstraint("submission", "kind"),
    sa.Index(
        "ix_job_staged",
        "rung_at",
        sqlite_where=sa.text("state = 'staged'"),
        postgresql_where=sa.text("state = 'staged'"),
    ),
)


class TaskState(StrEnum):
    """Where a task of the outbox is."""

    STAGED = "staged"
    """Waits to be done, or to be tried again."""
    DONE = "done"
    """Its effect and this word were written together."""
    SET_ASIDE = "set_aside"
    """Failed too often; somebody has to look at it."""


log = structlog.get_logger()

j = job

Effect = Callable[[AsyncConnection, int, int], Awaitable[None]]
"""What a job does: given a connection inside the transaction, the submission's id and the instant."""

EFFECTS: Mapping[str, Effect] = {"confirmation": confirmation.confirm, "duplicate_scan": duplicates.trace}
"""Every kind of job, staged in this order for each submission. Each writes to SQL alone: the fence covers it."""

ENTRY = "config.processes.worker.run"
"""What a ring runs in the worker, by name: this package knows nothing of how it is put together."""

QUEUE = "guichet"
"""One queue a worker: a worker that listens on two loses jobs when it is killed (measured on RQ 3.0.0)."""

RING_AGAIN_MS = 10_000

LEASE_MS = 20_000
"""A job takes milliseconds. With the ring after it, a job whose worker was killed is done within half a minute."""

MOST_FAILURES = 5

MOST_ATTEMPTS = 25
"""Leases taken, whatever came of them: a job that kills its worker each time is set aside too."""

MOST_IN_QUEUE = 500
"""Nobody answers, or they are behind: more ringing would only fill Redis. The rows wait in SQL."""

MOST_AT_ONCE = 100
"""Rings of one round, in one pipeline: twice what one worker does in a second."""

RING_LASTS_SECONDS = 120
"""A ring that nobody heard by then goes; the row is rung again anyway."""

QUEUE_SECONDS = 0.4
"""For each answer of the queue's Redis, when the ticker rings."""

MOST_SECONDS = 60
"""Three transactions that each wait as long as they may. A job beyond that hangs, and RQ ends it."""


class Ring(msgspec.Struct, frozen=True):
    """A job to ring for, and the attempt number it stood at."""

    id: int
    attempt: int


class LeaseLost(Exception):
    """Another worker has taken this job over: what this one wrote is rolled back."""


_KINDS = sa.union_all(*(sa.select(sa.literal(kind).label("kind")) for kind in EFFECTS)).subquery()

_STAGE = sa.insert(j).from_select(
    ["submission", "kind", "staged_at"],
    sa.select(store.submission.c.id, _KINDS.c.kind, store.submission.c.submitted_at)
    .join(_KINDS, sa.true())
    .where(store.RANKS),
)


async def stage(conn: AsyncConnection, uid: str, first: int, last: int) -> None:
    """Stage every kind of job for these ranks' submissions, in the transaction that accepts them."""
    await conn.execute(_STAGE, {"uid": uid, "first": first, "last": last})


async def due(db: Database, now: int, most: int = MOST_AT_ONCE) -> list[Ring]:
    """The jobs to ring for now, the longest waiting first; they count as rung from here on. Raises Unavailable.

    They are marked before anybody rings, so that two tickers ring once; a ring that fails comes again in ten seconds.
    """

    async def mark(conn: AsyncConnection) -> list[Ring]:
        rows = await conn.execute(_due(now).limit(most).with_for_update(skip_locked=True))
        rings = [Ring(row.id, row.attempt) for row in rows]
        if rings:
            ids = [ring.id for ring in rings]
            await conn.execute(sa.update(j).where(j.c.id.in_(ids)).values(rung_at=now))
        return rings

    if await db.read(lambda conn: _nothing(conn, now)):
        return []
    return await db.write(mark)


def _due(now: int) -> sa.Select[tuple[int, int]]:
    # Written out, so that SQLite sees that its index of staged rows will do.
    waits = (
        j.c.state == sa.literal_column("'staged'"),
        j.c.rung_at <= now - RING_AGAIN_MS,
        j.c.leased_until <= now,
    )
    return sa.select(j.c.id, j.c.attempt).where(*waits).order_by(j.c.rung_at, j.c.id)


async def _nothing(conn: AsyncConnection, now: int) -> bool:
    return (await conn.execute(_due(now).limit(1))).first() is None


class Doorbell:
    """Rings workers through RQ. Fails soft: without Redis nobody hears, and the rows are rung again later."""

    def __init__(
        self,
        db: Database,
        client: redis.Redis,
        events: Events | None = None,
    ) -> None:
        self._db = db
        self._events = events or Events()
        self._redis = client
        self._queue = Queue(QUEUE, connection=self._redis, serializer=JSONSerializer)

    async def ring_due(self) -> int:
        """Ring for every job that is due; how many could have been heard. Raises Unavailable when SQL is away."""
        rings = await due(self._db, now_ms())
        heard = await self.ring(rings)
        if heard:
            self._events.count("jobs_rung", heard)
        return heard

    async def ring(self, rings: Sequence[Ring]) -> int:
        """Ring for these jobs, and say how many could have been heard. Within a second, whatever Redis does."""
        if not rings:
            return 0
        try:
            return await asyncio.wait_for(asyncio.to_thread(self._ring, rings), 2 * QUEUE_SECONDS)
        except (redis.RedisError, OSError, TimeoutError) as problem:
            log.warning("bell_silent", error=problem, count=len(rings))
            return 0

    def _ring(self, rings: Sequence[Ring]) -> int:
        if self._queue.count >= MOST_IN_QUEUE:
            return 0
        # A fresh id each time: an id that RQ has seen and stranded would block its own repeat.
        self._queue.enqueue_many(
            Queue.prepare_data(
                ENTRY,
                args=(ring.id, ring.attempt),
                job_id=uuid4().hex,
                description="job",
                timeout=MOST_SECONDS,
                ttl=RING_LASTS_SECONDS,
                result_ttl=0,
                failure_ttl=RING_LASTS_SECONDS,
            )
            for ring in rings
        )
        return len(rings)

    def close(self) -> None:
        self._redis.close()


async def perform(db: Database, job_id: int, attempt: int, events: Events | None = None) -> bool:
    """Do a job that was rung for at this attempt number; whether it was done here and now.

    Never raises for a failure of the job: that is counted in its row. Raises Unavailable when SQL is away; the lease
    then runs out and the job is rung for again.
    """
    fence = attempt + 1
    kind = await db.write(lambda conn: _lease(conn, job_id, attempt))
    if kind is None:
        return False
    try:
        await db.write(lambda conn: _do(conn, job_id, fence))
    except LeaseLost:
        log.warning("job_lease_lost", job=job_id, kind=kind, attempt=fence)
        return False
    except Unavailable:
        raise
    except Exception as problem:  # whatever went wrong in an effect, the row must say so and the worker go on
        await _failed(db, job_id, fence, kind, problem)
        (events or Events()).count("jobs_failed", kind=kind)
        return False
    (events or Events()).count("jobs_done", kind=kind)
    return True


async def _lease(conn: AsyncConnection, job_id: int, attempt: int) -> str | None:
    """The job's kind if it may be done under the next attempt number, None if there is nothing to do."""
    now = now_ms()
    free = (j.c.id == job_id, j.c.attempt == attempt, j.c.state == TaskState.STAGED, j.c.leased_until <= now)
    state = "set_aside" if attempt >= MOST_ATTEMPTS else "staged"
    taken = sa.update(j).where(*free).values(attempt=attempt + 1, leased_until=now + LEASE_MS, state=state)
    kind: str | None = (await conn.execute(taken.returning(j.c.kind))).scalar_one_or_none()
    if kind is not None and state == "set_aside":
        log.error(
            "job_set_aside", job=job_id, kind=kind, attempts=attempt, reason="its workers never come back"
        )
        return None
    return kind


async def _do(conn: AsyncConnection, job_id: int, fence: int) -> None:
    """The effect and `done`, or neither."""
    mine = (j.c.id == job_id, j.c.attempt == fence, j.c.state == TaskState.STAGED)
    row = (
        await conn.execute(sa.select(j.c.submission, j.c.kind).where(*mine).with_for_update())
    ).one_or_none()
    if row is None:
        raise LeaseLost
    now = now_ms()
    await EFFECTS[row.kind](conn, row.submission, now)
    await conn.execute(sa.update(j).where(*mine).values(state=TaskState.DONE, done_at=now))


async def _failed(db: Database, job_id: int, fence: int, kind: str, problem: Exception) -> None:
    """Count a failure; the fifth sets the job aside, with an error in the log for somebody to look at."""

    async def count(conn: AsyncConnection) -> str | None:
        state = sa.case((j.c.failures + 1 >= MOST_FAILURES, "set_aside"), else_="staged")
        mine = (j.c.id == job_id, j.c.attempt == fence, j.c.state == TaskState.STAGED)
        counted = sa.update(j).where(*mine).values(failures=j.c.failures + 1, leased_until=0, state=state)
        now_state: str | None = (await conn.execute(counted.returning(j.c.state))).scalar_one_or_none()
        return now_state

    state = await db.write(count)
    # The text of a problem may quote a row; the log keeps only its type (P11).
    tell, what = (log.error, "job_set_aside") if state == "set_aside" else (log.warning, "job_failed")
    tell(what, job=job_id, kind=kind, attempt=fence, error=problem)
