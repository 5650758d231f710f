"""The worker: RQ hands it rings, and it does the tasks of the ledger (`foundation/outbox.py`).

It does not fork for each task. A task is a few milliseconds of SQL; a child for each would cost more than the task,
open a database of its own, and stay at work when the worker alone is killed. Here the process has one event loop and
one database, and a task that hangs or dies takes the process with it: the supervisor starts another one, and the
task's lease runs out. One queue only: a worker that listens on two loses jobs when it is killed.
"""

import asyncio
import logging
import time
from collections.abc import Sequence
from types import FrameType
from typing import Any

import redis
import structlog
from rq import Queue, SimpleWorker
from rq.exceptions import StopRequested
from rq.job import Job
from rq.serializers import JSONSerializer

from config.effects import batch_effects, effects, outside_effects
from config.processes.metrics_endpoint import expose
from config.settings import Settings, forms_folder
from config.stores import open_database, open_queue
from foundation import doorbell
from foundation.batched_tasks.performing import perform_all
from foundation.errors import Refusal, Unavailable
from foundation.events import Events
from foundation.heartbeat import Heartbeat
from foundation.metrics import Metrics
from foundation.outbox import Ring
from foundation.sql.database import Database
from quota import programmes
from submission.forms.files import load_forms

log = structlog.get_logger()

IDLE_SECONDS = 4
"""An idle worker waits for a ring this long, then beats: a little less than what `Pulse` calls alive."""

RQ_KEEPS_BACK_SECONDS = 15
"""RQ waits for a ring that much less than its `worker_ttl`."""

AWAY_SECONDS = 2.0
"""Between two looks for a Redis that is away."""


class WorkerProcess:
    """One worker process's loop and stores. Made in the process that uses them, never before a fork."""

    def __init__(self, settings: Settings, events: Events) -> None:
        self.runner = asyncio.Runner()
        self.events = events
        known = programmes.load_all(settings.programmes_dir)
        forms = load_forms(forms_folder(settings.programmes_dir), known)
        self.effects = effects(known, forms, settings.secret_keys, settings.public_url)
        self.batches = batch_effects(known, settings.secret_keys, settings.public_url)
        self.outside = outside_effects(settings, events)
        self.db: Database = self.runner.run(_opened(settings))
        self.pulse = Heartbeat(self.db, "worker")

    def perform(self, rings: Sequence[Ring]) -> int:
        """Do these tasks; how many were done. SQL that is away is no failure of a task: it is rung for again."""
        try:
            done = perform_all(self.db, self.effects, self.batches, rings, self.events, self.outside)
            return self.runner.run(done)
        except Unavailable:
            log.warning("worker_waits", store="sql", job=rings[0].id)
            return 0

    def beat(self) -> None:
        """Say that this process is alive. Fails soft."""
        try:
            self.runner.run(self.pulse.beat())
        except Refusal:
            log.warning("worker_waits", store="sql")

    def close(self) -> None:
        try:
            self.runner.run(self.pulse.stop())
        except Refusal:
            log.warning("worker_waits", store="sql")
        self.runner.run(self.db.close())
        self.runner.close()


async def _opened(settings: Settings) -> Database:
    return open_database(settings)


_bench: WorkerProcess | None = None
"""RQ finds what to run by name, so the process's bench must stand where `run` can see it."""


def run(task_id: int, attempt: int, *others: int) -> int:
    """The one function that rings name: do this task, if it still stands at this attempt number, and those that are
    named after it in the same way; how many were done."""
    if _bench is None:
        raise RuntimeError(
            "tasks are done by `guichet worker`, which opens the stores; not by RQ's own command"
        )
    numbers = [int(task_id), int(attempt), *map(int, others)]
    return _bench.perform([Ring(*pair) for pair in zip(numbers[::2], numbers[1::2], strict=True)])


ENTRY = f"{run.__module__}.{run.__qualname__}"
"""What a ring runs in the worker, by name: the ticker's doorbell is given it."""


class OwnJob(Job):
    """A ring of ours. Whoever may write to the queue's Redis may name any function; only one is ever called."""

    def perform(self) -> Any:
        if self.func_name != ENTRY:
            raise PermissionError("this worker runs one function only")
        return super().perform()


class RingWorker(SimpleWorker):
    """RQ's worker without a fork, that beats and comes back soon when Redis was away."""

    job_class = OwnJob
    max_connection_wait_time = AWAY_SECONDS
    _beat_at = 0.0

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        """RQ's sign of life, and ours, every other second: RQ would write its own four times a job."""
        if pipeline is None and time.monotonic() - self._beat_at < IDLE_SECONDS / 2:
            return
        super().heartbeat(timeout, pipeline)
        if pipeline is None and _bench is not None:
            self._beat_at = time.monotonic()
            _bench.beat()

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """Stop after the task in hand, or at once. RQ ends an idle worker by an exception; raised inside our event
        loop, which is where a beat may be, it would be the loop's to log, and nobody would ever stop."""
        self._stop_requested = True
        try:
            super().request_stop(signum, frame)  # type: ignore[no-untyped-call]
        except StopRequested:
            if not in_a_loop():
                raise

    @property
    def asked_to_stop(self) -> bool:
        return self._shutdown_requested_date is not None


def in_a_loop() -> bool:
    """Whether this thread is inside a running event loop."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def main(settings: Settings, events: Metrics | None = None) -> None:
    """Work until SIGTERM or SIGINT; a task in hand is finished first. A Redis that is away is waited for."""
    global _bench
    _bench = bench = WorkerProcess(settings, events or Events())
    logging.getLogger("rq.worker").setLevel(logging.WARNING)

    def look() -> None:
        bench.events.level("ticker_age_seconds", bench.pulse.age("ticker"))

    endpoint = None if events is None else expose(settings, events, look)
    try:
        while not _works(settings):
            time.sleep(AWAY_SECONDS)
    finally:
        _bench = None
        if endpoint is not None:
            endpoint.close()
        bench.close()


def _works(settings: Settings) -> bool:
    """One life of RQ's worker; True when it was asked to stop."""
    connection = open_queue(settings.queue_redis_url, AWAY_SECONDS)
    try:
        worker = RingWorker(
            Queue(doorbell.QUEUE, connection=connection, job_class=OwnJob, serializer=JSONSerializer),
            connection=connection,
            serializer=JSONSerializer,
            worker_ttl=IDLE_SECONDS + RQ_KEEPS_BACK_SECONDS,
            log_job_description=False,
        )
        worker.work(logging_level="WARNING")
        return worker.asked_to_stop
    except redis.RedisError as problem:
        log.warning("worker_waits", store="queue", error=problem)
        return False
    finally:
        connection.close()
