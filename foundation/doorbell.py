"""The doorbell of the outbox: RQ tells workers that a task is due, and may forget anything (ADR 0004).

What lies in Redis is the number of a row and its attempt number: no personal data, nothing that runs.
"""

import asyncio
from collections.abc import Collection, Sequence
from uuid import uuid4

import redis
import structlog
from rq import Queue
from rq.serializers import JSONSerializer

from foundation import outbox
from foundation.clock import now_ms
from foundation.events import Events
from foundation.outbox import Ring
from foundation.sql.database import Database

log = structlog.get_logger()

QUEUE = "guichet"
"""One queue a worker: a worker that listens on two loses tasks when it is killed (measured on RQ 3.0.0)."""

MOST_IN_QUEUE = 500
"""Backpressure: with so many rings unanswered, more would only fill Redis. The rows wait in SQL."""

RING_LASTS_SECONDS = 120
"""A ring that was not answered by then expires; the row is rung again anyway."""

QUEUE_SECONDS = 0.4
"""For each answer of the queue's Redis, when the ticker rings."""

MOST_TOGETHER = 16
"""Tasks that one ring names. A worker that is killed keeps as many waiting until its lease has run out."""

MOST_SECONDS = 60
"""Three transactions that each wait as long as they may. A task beyond that hangs, and RQ ends it."""


class Doorbell:
    """Rings workers through RQ. Fails soft: without Redis no ring is heard, and the rows are rung again later.

    `entry` names the function that a ring runs in the worker, given the task's number and attempt, and those of every
    other task that may be done with it; `batched` are the kinds of which that is so.
    """

    def __init__(
        self, db: Database, client: redis.Redis, entry: str, events: Events | None = None,
        batched: Collection[str] = (),
    ) -> None:  # fmt: skip
        self._db, self._redis, self._entry = db, client, entry
        self._events, self._batched = events or Events(), batched
        self._tasks_a_ring = 1.0
        self._queue = Queue(QUEUE, connection=self._redis, serializer=JSONSerializer)

    async def ring_due(self) -> int:
        """Ring for every task that is due; how many could have been heard. Raises Unavailable when SQL is away."""
        now = now_ms()
        if not await outbox.is_any_due(self._db, now) or not await self._has_room():
            return 0
        rings = await outbox.due(self._db, now, batched=self._batched)
        heard = await self.ring(rings)
        if heard:
            self._events.count("jobs_rung", heard)
        return heard

    async def ring(self, rings: Sequence[Ring]) -> int:
        """Ring for these tasks, and say how many could have been heard. Within a second, whatever Redis does."""
        if not rings:
            return 0
        try:
            return await asyncio.wait_for(asyncio.to_thread(self._ring, rings), 2 * QUEUE_SECONDS)
        except (redis.RedisError, OSError, TimeoutError) as problem:
            log.warning("bell_silent", error=problem, count=len(rings))
            return 0

    async def _has_room(self) -> bool:
        """Whether the queue takes more: otherwise nothing is marked as rung, and it is looked again in a second."""
        try:
            return await self._waiting() * self._tasks_a_ring < MOST_IN_QUEUE
        except (redis.RedisError, OSError, TimeoutError) as problem:
            log.warning("bell_silent", error=problem)
            return False

    async def unanswered(self) -> int | None:
        """Rings that no worker has taken yet; None where the queue's Redis does not say."""
        try:
            return await self._waiting()
        except (redis.RedisError, OSError, TimeoutError):
            return None

    async def _waiting(self) -> int:
        return await asyncio.wait_for(asyncio.to_thread(lambda: self._queue.count), 2 * QUEUE_SECONDS)

    def _ring(self, rings: Sequence[Ring]) -> int:
        if self._queue.count * self._tasks_a_ring >= MOST_IN_QUEUE:
            return 0
        together = in_batches(rings)
        self._tasks_a_ring = len(rings) / len(together)
        # A fresh id each time: an id that RQ has seen and stranded would block its own repeat.
        self._queue.enqueue_many(
            Queue.prepare_data(
                self._entry,
                args=tuple(number for ring in some for number in (ring.id, ring.attempt)),
                job_id=uuid4().hex,
                description="job",
                timeout=MOST_SECONDS,
                ttl=RING_LASTS_SECONDS,
                result_ttl=0,
                failure_ttl=RING_LASTS_SECONDS,
            )
            for some in together
        )
        return len(rings)

    def close(self) -> None:
        self._redis.close()


def in_batches(rings: Sequence[Ring]) -> list[list[Ring]]:
    """Which tasks one ring names, in the order of the first of them. Pure."""
    found: list[list[Ring]] = []
    growing: dict[str, list[Ring]] = {}
    for ring in rings:
        some = growing.get(ring.batch)
        if ring.batch and some is not None and len(some) < MOST_TOGETHER:
            some.append(ring)
        else:
            growing[ring.batch] = [ring]
            found.append(growing[ring.batch])
    return found
