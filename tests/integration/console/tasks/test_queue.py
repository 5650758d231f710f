"""RQ's own state, and its silence."""

from rq import Queue
from rq.serializers import JSONSerializer

from config.processes.worker import ENTRY, RingWorker
from config.stores import open_queue
from console.tasks.queue import ANSWER_SECONDS, QueueProbe
from foundation.doorbell import QUEUE, Doorbell
from foundation.outbox import Ring
from foundation.sql.database import Database


async def test_rings_and_workers_are_counted(sqlite_url: str, redis_url: str, patient_bell: float) -> None:
    """Rings that nobody took, and a worker that has told RQ of itself, with how long ago."""
    database, client = Database(sqlite_url), open_queue(redis_url, patient_bell)
    bell = Doorbell(database, client, ENTRY)
    await bell.ring([Ring(1, 0), Ring(2, 0)])
    worker = RingWorker(
        Queue(QUEUE, connection=client, serializer=JSONSerializer),
        connection=client,
        serializer=JSONSerializer,
    )
    worker.register_birth()  # type: ignore[no-untyped-call]
    found = await QueueProbe(lambda: open_queue(redis_url, ANSWER_SECONDS)).state()
    assert found is not None and (found.rings, found.failed) == (2, 0)
    (one,) = found.workers
    assert one.seen_seconds is not None and one.seen_seconds < 60
    worker.register_death()  # type: ignore[no-untyped-call]
    bell.close()
    await database.close()


async def test_a_queue_that_does_not_answer_says_so() -> None:
    """None, and no error; the same where no address is known."""
    assert await QueueProbe(lambda: open_queue("redis://127.0.0.1:1", 0.2)).state() is None
    assert await QueueProbe(None).state() is None
