"""The queue's own state, as RQ tells it: rings that nobody took, workers, rings that failed in a worker.

RQ decides nothing here: what is due, running, done or set aside stands in SQL. Fails soft: a queue that does not answer
says so.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import msgspec
import redis
from rq import Queue
from rq.registry import FailedJobRegistry
from rq.serializers import JSONSerializer
from rq.worker import Worker

from foundation.doorbell import QUEUE

ANSWER_SECONDS: Final = 2.0


class QueueWorker(msgspec.Struct, frozen=True, kw_only=True):
    """A worker that has told RQ of itself. `seen_seconds` since it did last; None where RQ does not know."""

    state: str
    seen_seconds: int | None


class QueueState(msgspec.Struct, frozen=True, kw_only=True):
    """What RQ says. `rings`: not taken yet; `failed`: rings that broke in a worker, for a matter of minutes."""

    rings: int
    failed: int
    workers: list[QueueWorker]


class QueueProbe:
    """Asks the queue's Redis."""

    def __init__(self, opened: Callable[[], redis.Redis] | None) -> None:
        """`opened` makes a client; None where the queue's address is not known."""
        self._opened = opened

    async def state(self) -> QueueState | None:
        """What RQ says now; None where it does not answer."""
        if self._opened is None:
            return None
        try:
            return await asyncio.wait_for(asyncio.to_thread(self._ask), ANSWER_SECONDS)
        except (redis.RedisError, OSError, TimeoutError):
            return None

    def _ask(self) -> QueueState:
        assert self._opened is not None
        client = self._opened()
        try:
            queue = Queue(QUEUE, connection=client, serializer=JSONSerializer)
            failed = FailedJobRegistry(queue=queue, serializer=JSONSerializer)
            workers = Worker.all(connection=client, queue=queue, serializer=JSONSerializer)
            return QueueState(
                rings=queue.count,
                failed=failed.get_job_count(cleanup=False),
                workers=[
                    QueueWorker(state=str(one.get_state()), seen_seconds=_since(one.last_heartbeat))
                    for one in workers
                ],
            )
        finally:
            client.close()


def _since(heartbeat: datetime | None) -> int | None:
    """Whole seconds since an instant of RQ's, which is UTC with or without saying so."""
    if heartbeat is None:
        return None
    said = heartbeat if heartbeat.tzinfo else heartbeat.replace(tzinfo=UTC)
    return max(0, round((datetime.now(UTC) - said).total_seconds()))
