"""The worker process: killed again and again, and without its Redis, each task is done once."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from rq import Queue, SimpleWorker
from rq.exceptions import StopRequested
from rq.serializers import JSONSerializer

from casework import store
from casework.files.tasks import FileTask
from config.effects import BATCHED
from config.processes import worker
from config.processes.embedded import Valkey
from config.processes.worker import ENTRY, RingWorker
from config.settings import Settings
from config.stores import open_queue
from foundation import doorbell, outbox
from foundation.clock import now_ms
from foundation.doorbell import QUEUE_SECONDS, Doorbell
from foundation.events import Events
from foundation.heartbeat import heartbeat
from foundation.outbox import Ring
from foundation.sql.database import Database
from tests.support.candidates.paying import FEE, move_money
from tests.support.places import ROOT
from tests.support.rooms import KEYS
from tests.support.tasks import change, rows, submitted

t, d = outbox.task, store.document


class StartedWorker:
    """A real `guichet worker`, and what it is told by the environment."""

    def __init__(self, database_url: str, redis_url: str) -> None:
        environment = {
            "PATH": os.environ["PATH"], "DATABASE_URL": database_url, "REDIS_URL": redis_url,
            "SECRET_KEYS": ",".join(KEYS), "PUBLIC_URL": "http://127.0.0.1:8000",
        }  # fmt: skip
        self.process = subprocess.Popen(
            [sys.executable, "-m", "config", "worker"], env=environment, stderr=subprocess.PIPE,
            cwd=ROOT,
        )  # fmt: skip

    def end(self, by: int) -> bytes:
        self.process.send_signal(by)
        _, said = self.process.communicate(timeout=30)
        return said


@pytest.fixture
def worker_process() -> Iterator[type[StartedWorker]]:
    """Starts workers, and ends those that a failing test leaves behind."""

    class Remembered(StartedWorker):
        all: list[StartedWorker] = []

        def __init__(self, database_url: str, redis_url: str) -> None:
            super().__init__(database_url, redis_url)
            self.all.append(self)

    yield Remembered
    for one in Remembered.all:
        if one.process.returncode is None:
            one.end(signal.SIGKILL)


async def beating(db: Database) -> bool:
    """Whether a worker has its heartbeat in SQL."""
    return await rows(db, heartbeat.c.kind) == [("worker",)]


async def eventually(true: Callable[[], Any], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not await true():
        assert time.monotonic() < deadline, f"after {seconds:.0f} s still not so: {what}"
        await asyncio.sleep(0.05)


@pytest.mark.slow
async def test_real_workers_killed_again_and_again_file_each_document_once(
    database: Database, database_url: str, redis_url: str, worker_process: type[StartedWorker]
) -> None:
    """kill -9 in the middle of the work, three times; afterwards every submission has one confirmation (P3)."""
    many = 30
    await submitted(database, many)
    bell = Doorbell(database, open_queue(redis_url, QUEUE_SECONDS), ENTRY)

    async def ring() -> None:
        # Time runs faster here: leases and rings are over as soon as the worker is dead.
        await change(database, leased_until=0, rung_at=0)
        await bell.ring_due()

    async def done() -> int:
        return len([1 for (state,) in await rows(database, t.c.state) if state == "done"])

    for some in (10, 25, 40):
        worker = worker_process(database_url, redis_url)
        await ring()

        async def enough(some: int = some) -> bool:
            return await done() >= some

        await eventually(enough, 60, f"{some} jobs done")
        worker.end(signal.SIGKILL)
    worker = worker_process(database_url, redis_url)
    await ring()

    async def all_done() -> bool:
        await bell.ring_due()
        return await done() == 2 * many

    await eventually(all_done, 60, "all jobs done")
    started = time.monotonic()
    worker.end(signal.SIGTERM)
    assert worker.process.returncode == 0
    assert time.monotonic() - started < 6
    filed = [int(submission) for (submission,) in await rows(database, d.c.subject_id)]
    assert sorted(filed) == list(range(1, many + 1))
    assert [failures for (failures,) in await rows(database, t.c.failures)] == [0] * (2 * many)
    bell.close()


def test_one_ring_has_several_letters_filed_and_an_old_one_still_one(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pairs of a task and its attempt, as the bell rings them; a ring of before names one pair."""

    async def staged() -> list[Ring]:
        db = Database(sqlite_url)
        await submitted(db, 2)
        for number in (1, 2):
            await db.write(lambda conn, n=number: move_money(conn, FEE, f"card:{n}", number=n))  # type: ignore[misc]
        rings = await outbox.due(db, now_ms(), batched=BATCHED)
        await db.close()
        return [ring for ring in rings if ring.batch == FileTask.FILE_OPENING]

    async def filed() -> list[str]:
        db = Database(sqlite_url)
        try:
            return [kind for (kind,) in await rows(db, d.c.kind)]
        finally:
            await db.close()

    first, second = asyncio.run(staged())
    environ = {"DATABASE_URL": sqlite_url, "REDIS_URL": "redis://x", "SECRET_KEYS": ",".join(KEYS)}
    bench = worker.WorkerProcess(Settings.from_env(environ), Events())
    monkeypatch.setattr(worker, "_bench", bench)
    try:
        assert worker.run(first.id, 0, second.id, 0) == 2
        assert worker.run(first.id, 0, second.id, 0) == worker.run(first.id, 0) == 0
    finally:
        bench.close()
    assert asyncio.run(filed()) == ["file_opening"] * 2


@pytest.mark.slow
async def test_a_worker_runs_nothing_but_jobs_and_outlives_its_redis(
    sqlite_url: str, valkey: Valkey, worker_process: type[StartedWorker]
) -> None:
    """A ring that names another function is refused; after a restart of Redis the same process goes on."""
    database = Database(sqlite_url)
    await submitted(database)
    worker = worker_process(sqlite_url, valkey.url)
    await eventually(lambda: beating(database), 30, "the worker is at work")
    with redis.Redis.from_url(valkey.url) as client:
        Queue(doorbell.QUEUE, connection=client, serializer=JSONSerializer).enqueue(
            "os.mkdir", f"{valkey.data}/owned"
        )
    bell = Doorbell(database, open_queue(valkey.url, QUEUE_SECONDS), ENTRY)
    valkey.kill()
    valkey.start()

    async def done() -> bool:
        await change(database, rung_at=0)
        await bell.ring_due()
        return {state for (state,) in await rows(database, t.c.state)} == {"done"}

    await eventually(done, 60, "the worker is back")
    assert not (Path(valkey.data) / "owned").exists()
    assert worker.process.poll() is None
    worker.end(signal.SIGTERM)
    bell.close()
    await database.close()


def asked_inside_a_loop(worker: SimpleWorker) -> list[BaseException]:
    """What a loop hears of a SIGTERM that comes while it runs, as it does in a beat."""
    heard: list[BaseException] = []

    async def beat() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: heard.append(context["exception"]))
        loop.call_soon(worker.request_stop, signal.SIGTERM, None)
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    before = [(one, signal.getsignal(one)) for one in (signal.SIGTERM, signal.SIGINT)]
    try:
        apart_in_this_thread(beat())
    finally:
        for one, handler in before:
            signal.signal(one, handler)
    return heard


def apart_in_this_thread(work: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner() as runner:
        runner.run(work)


def a_worker(of: type[SimpleWorker], redis_url: str) -> SimpleWorker:
    queue = Queue(doorbell.QUEUE, connection=open_queue(redis_url, QUEUE_SECONDS), serializer=JSONSerializer)
    return of(queue, connection=queue.connection)


def test_a_stop_that_comes_during_a_beat_is_kept(redis_url: str) -> None:
    """The loop sees no exception, and the worker stops at its next turn."""
    worker = a_worker(RingWorker, redis_url)
    assert asked_inside_a_loop(worker) == []
    assert worker._stop_requested and isinstance(worker, RingWorker) and worker.asked_to_stop
    worker.connection.close()


def test_rq_alone_would_lose_it(redis_url: str) -> None:
    """Twin: an idle worker of RQ's own raises into the loop, which logs it, and goes on for ever."""
    worker = a_worker(SimpleWorker, redis_url)
    (lost,) = asked_inside_a_loop(worker)
    assert isinstance(lost, StopRequested) and not worker._stop_requested
    worker.connection.close()
