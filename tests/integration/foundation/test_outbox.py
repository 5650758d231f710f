"""Jobs: each effect exactly once, wherever the worker dies; rung until done; set aside when they cannot be done."""

import asyncio
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis
import sqlalchemy as sa
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from casework import confirmation as casework_confirmation
from casework import documents, receipts, store
from config.processes.embedded import Valkey
from config.stores import open_queue
from foundation import outbox
from foundation.clock import now_ms
from foundation.errors import Refusal
from foundation.heartbeat import heartbeat
from foundation.outbox import QUEUE_SECONDS, Doorbell, Ring
from foundation.sql.database import Database
from tests.support.desks import call, make_account, make_desk, sign_in, signed
from tests.support.places import ROOT
from tests.support.rooms import make_period

j, d = outbox.job, store.document


async def submitted(db: Database, many: int = 1) -> str:
    """This many accepted submissions, whose jobs are staged; the first one's receipt."""
    desk = make_desk(db)
    period = await make_period(db, cap=100)
    first = ""
    for number in range(1, many + 1):
        await make_account(desk, number)
        called = await call(desk, period, number)
        accepted = await desk.submit(called.visit(await sign_in(desk, None, number)), "essai", signed(called))
        first = first or accepted.receipt
    return first


async def rows(db: Database, *columns: sa.ColumnElement[Any]) -> list[tuple[Any, ...]]:
    found = await db.read(lambda conn: conn.execute(sa.select(*columns).order_by(columns[0])))
    return [tuple(row) for row in found]


async def change(db: Database, **values: Any) -> None:
    await db.write(lambda conn: conn.execute(sa.update(j).values(values)))


async def confirmation(db: Database) -> int:
    """The id of the job that files the confirmation."""
    found = await db.read(lambda conn: conn.execute(sa.select(j.c.id).where(j.c.kind == "confirmation")))
    job: int = found.scalars().first() or 0
    return job


async def test_the_confirmation_is_filed_with_number_rank_and_time(database: Database) -> None:
    """« Confirmation d'admission dans le quota » says what was accepted, to its own account alone (QU-07)."""
    receipt = await submitted(database)
    assert await outbox.perform(database, await confirmation(database), 0)
    found = await database.read(lambda conn: receipts.find(conn, receipt, 1))
    (document,) = found.documents
    assert (document.kind, document.title) == ("confirmation", "Confirmation d’admission dans le quota")
    assert document.href == f"/documents/{document.id}"
    opened = await database.read(lambda conn: documents.find(conn, document.id, 1))
    said = opened.confirmation
    assert (said.receipt, said.rank, said.number, said.ordinal) == (receipt, 1, 1, 1)
    assert (said.submitted_at, said.pay_by) == (found.submitted_at, found.pay_by)
    assert await database.read(lambda conn: documents.of_account(conn, 1)) == [document]
    for wrong in (document.id[:-1] + "\0", "x" * 22, "../etc"):
        with pytest.raises(Refusal):
            await database.read(lambda conn, wrong=wrong: documents.find(conn, wrong, 1))  # type: ignore[misc]
    with pytest.raises(Refusal):
        await database.read(lambda conn: documents.find(conn, document.id, 2))


async def test_a_second_ring_finds_nothing_to_do(database: Database) -> None:
    """A repeated, late or invented ring does nothing: the row says what is left."""
    await submitted(database)
    job = await confirmation(database)
    assert [await outbox.perform(database, job, 0) for _ in range(3)] == [True, False, False]
    assert not await outbox.perform(database, job, 1)
    assert not await outbox.perform(database, 999, 0)
    assert await rows(database, d.c.kind) == [("confirmation",)]


async def test_ten_workers_at_once_file_one_document(database: Database) -> None:
    """Whoever takes the lease does it; the others find it taken."""
    await submitted(database)
    job = await confirmation(database)
    done = await asyncio.gather(*(outbox.perform(database, job, 0) for _ in range(10)))
    assert sorted(done) == [False] * 9 + [True]
    assert len(await rows(database, d.c.id)) == 1


class Killed(BaseException):
    """The worker is gone at this very statement."""


@contextmanager
def killed_at(db: Database, statement: int) -> Iterator[list[str]]:
    """Die at the n-th statement, or at the commit after it; the list tells what ran."""
    engine, ran = db._writer.sync_engine, []

    def execute(_conn: object, _cursor: object, text: str, *_: object) -> None:
        ran.append(text)
        if len(ran) == statement:
            raise Killed

    def commit(_conn: object) -> None:
        ran.append("COMMIT")
        if len(ran) == statement:
            raise Killed

    event.listen(engine, "before_cursor_execute", execute)
    event.listen(engine, "commit", commit)
    try:
        yield ran
    finally:
        event.remove(engine, "before_cursor_execute", execute)
        event.remove(engine, "commit", commit)


async def test_a_worker_killed_at_any_line_leaves_all_or_nothing(database: Database) -> None:
    """Killed at each statement and commit in turn, and rung again: one document, never none, never two (P3)."""
    await submitted(database)
    job = await confirmation(database)
    fresh = {"state": "staged", "attempt": 0, "leased_until": 0, "rung_at": 0, "failures": 0}
    statement, killed = 0, True
    while killed:
        statement, killed = statement + 1, False
        await database.write(lambda conn: conn.execute(sa.delete(d)))
        await database.write(lambda conn: conn.execute(sa.update(j).where(j.c.id == job).values(fresh)))
        with killed_at(database, statement):
            try:
                await outbox.perform(database, job, 0)
            except Killed:
                killed = True
                assert await rows(database, d.c.id) == []
        await change(database, leased_until=0, rung_at=0)
        for ring in await outbox.due(database, now_ms()):
            await outbox.perform(database, ring.id, ring.attempt)
        assert len(await rows(database, d.c.id)) == 1
        assert await rows(database, j.c.state) == [("done",), ("done",)]
    assert statement >= 8  # seven statements and commits at least, and one run that nobody killed


async def test_a_worker_that_wakes_after_its_lease_writes_nothing(database: Database) -> None:
    """Frozen between lease and effect while another did the job: its own effect is rolled back by the fence."""
    await submitted(database)
    job = await confirmation(database)
    await database.write(lambda conn: outbox._lease(conn, job, 0))
    await change(database, leased_until=0)
    assert await outbox.perform(database, job, 1)
    with pytest.raises(outbox.LeaseLost):
        await database.write(lambda conn: outbox._do(conn, job, 1))
    assert len(await rows(database, d.c.id)) == 1


async def test_without_the_fence_only_the_table_would_stop_a_second_document(database: Database) -> None:
    """Twin: an effect that looks at no attempt number writes again; the table's own rule is left, and is an error."""
    await submitted(database)
    job = await confirmation(database)
    assert await outbox.perform(database, job, 0)
    with pytest.raises(IntegrityError):
        await database.write(lambda conn: casework_confirmation.confirm(conn, 1, now_ms()))


async def test_a_job_is_rung_for_until_it_is_done(database: Database) -> None:
    """At once, then again after ten seconds, not while somebody holds the lease, and never after it is done."""
    await submitted(database)
    now = now_ms()
    both = [Ring(1, 0), Ring(2, 0)]
    assert await outbox.due(database, now) == both
    assert await outbox.due(database, now + 9_999) == []
    assert await outbox.due(database, now + 10_000) == both
    assert await outbox.perform(database, 2, 0)
    await database.write(lambda conn: outbox._lease(conn, 1, 0))
    assert await outbox.due(database, now + 20_000) == []
    assert await outbox.due(database, now + 60_000) == [Ring(1, 1)]
    assert await outbox.perform(database, 1, 1) is False  # by this host's clock the lease still holds


async def test_two_tickers_ring_each_job_once(database: Database) -> None:
    """What one has marked the other does not ring for."""
    await submitted(database, 5)
    now = now_ms()
    found = await asyncio.gather(*(outbox.due(database, now) for _ in range(4)))
    assert sorted(ring.id for rings in found for ring in rings) == list(range(1, 11))


async def test_a_job_that_fails_five_times_is_set_aside(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stops being rung for, and the others go on; what it wrote each time is rolled back."""

    async def broken(conn: AsyncConnection, submission: int, now: int) -> None:
        await casework_confirmation.confirm(conn, submission, now)
        raise RuntimeError("the effect is broken")

    await submitted(database)
    monkeypatch.setattr(outbox, "EFFECTS", {**outbox.EFFECTS, "confirmation": broken})
    now, attempts = now_ms(), []
    for turn in range(8):
        for ring in await outbox.due(database, now + turn * outbox.RING_AGAIN_MS):
            attempts.append(ring.attempt)
            await outbox.perform(database, ring.id, ring.attempt)
    assert sorted(attempts) == [0, 0, 1, 2, 3, 4]
    assert await rows(database, j.c.kind, j.c.state) == [
        ("confirmation", "set_aside"),
        ("duplicate_scan", "done"),
    ]
    assert await rows(database, d.c.id) == []


async def test_a_job_that_kills_its_worker_each_time_is_set_aside_too(database: Database) -> None:
    """Nobody is left to count a failure, so leases are counted: after twenty-five nobody else is sent."""
    await submitted(database)
    await change(database, attempt=outbox.MOST_ATTEMPTS)
    assert not await outbox.perform(database, await confirmation(database), outbox.MOST_ATTEMPTS)
    assert ("confirmation", "set_aside") in await rows(database, j.c.kind, j.c.state)


async def test_rings_carry_ids_only_and_never_a_pickle(sqlite_url: str, redis_url: str) -> None:
    """What lies in Redis is JSON with two numbers: nothing of a person, nothing that runs (P11)."""
    database = Database(sqlite_url)
    await submitted(database)
    bell = Doorbell(database, open_queue(redis_url, QUEUE_SECONDS))
    assert await bell.ring_due() == 2
    assert await bell.ring_due() == 0
    with redis.Redis.from_url(redis_url) as client:
        queue = Queue(outbox.QUEUE, connection=client, serializer=JSONSerializer)
        rung = [(job.func_name, job.args, job.kwargs, job.description, job.ttl) for job in queue.jobs]
        assert rung == [("config.processes.worker.run", [n, 0], {}, "job", 120) for n in (1, 2)]
        assert all(0 < client.ttl(job.key) <= 120 for job in queue.jobs)
        stored = b"".join(client.dump(key) or b"" for key in client.keys("*"))
        assert b"essai" not in stored
    bell.close()
    await database.close()


async def test_a_bell_that_nobody_answers_stops_ringing(sqlite_url: str, redis_url: str) -> None:
    """With five hundred rings unheard no more are added: an absent worker must not fill Redis."""
    database = Database(sqlite_url)
    bell = Doorbell(database, open_queue(redis_url, QUEUE_SECONDS))
    for start in range(0, outbox.MOST_IN_QUEUE, outbox.MOST_AT_ONCE):
        assert (
            await bell.ring([Ring(start + n, 0) for n in range(outbox.MOST_AT_ONCE)]) == outbox.MOST_AT_ONCE
        )
    assert await bell.ring([Ring(1, 0)]) == 0
    bell.close()
    await database.close()


@pytest.mark.parametrize("silent", [False, True])
async def test_without_redis_the_ticker_is_not_held_up(sqlite_url: str, silent: bool) -> None:
    """Nobody listens, or somebody who never answers: the bell gives up within a second, and the rows wait."""
    server = socket.create_server(("127.0.0.1", 0))  # takes connections, and never says a word
    port = server.getsockname()[1]
    if not silent:
        server.close()
    database = Database(sqlite_url)
    await submitted(database)
    bell = Doorbell(database, open_queue(f"redis://127.0.0.1:{port}/0", QUEUE_SECONDS))
    started = time.monotonic()
    assert await bell.ring_due() == 0
    assert time.monotonic() - started < 1.5
    assert len(await outbox.due(database, now_ms() + outbox.RING_AGAIN_MS)) == 2
    bell.close()
    server.close()
    await database.close()


class WorkerProcess:
    """A real `guichet worker`, and what it is told by the environment."""

    def __init__(self, database_url: str, redis_url: str) -> None:
        environment = {
            "PATH": os.environ["PATH"], "DATABASE_URL": database_url, "REDIS_URL": redis_url,
            "SECRET_KEYS": secrets.token_urlsafe(32), "PUBLIC_URL": "http://127.0.0.1:8000",
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
def worker_process() -> Iterator[type[WorkerProcess]]:
    """Starts workers, and ends those that a failing test leaves behind."""

    class Started(WorkerProcess):
        all: list[WorkerProcess] = []

        def __init__(self, database_url: str, redis_url: str) -> None:
            super().__init__(database_url, redis_url)
            self.all.append(self)

    yield Started
    for one in Started.all:
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


async def test_real_workers_killed_again_and_again_file_each_document_once(
    database: Database, database_url: str, redis_url: str, worker_process: type[WorkerProcess]
) -> None:
    """kill -9 in the middle of the work, three times; afterwards every submission has one confirmation (P3)."""
    many = 30
    await submitted(database, many)
    bell = Doorbell(database, open_queue(redis_url, QUEUE_SECONDS))

    async def ring() -> None:
        # Time runs faster here: leases and rings are over as soon as the worker is dead.
        await change(database, leased_until=0, rung_at=0)
        await bell.ring_due()

    async def done() -> int:
        return len([1 for (state,) in await rows(database, j.c.state) if state == "done"])

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
    filed = [submission for (submission,) in await rows(database, d.c.submission)]
    assert filed == list(range(1, many + 1))
    assert [failures for (failures,) in await rows(database, j.c.failures)] == [0] * (2 * many)
    bell.close()


async def test_a_worker_runs_nothing_but_jobs_and_outlives_its_redis(
    sqlite_url: str, valkey: Valkey, worker_process: type[WorkerProcess]
) -> None:
    """A ring that names another function is refused; after a restart of Redis the same process goes on."""
    database = Database(sqlite_url)
    await submitted(database)
    worker = worker_process(sqlite_url, valkey.url)
    await eventually(lambda: beating(database), 30, "the worker is at work")
    with redis.Redis.from_url(valkey.url) as client:
        Queue(outbox.QUEUE, connection=client, serializer=JSONSerializer).enqueue(
            "os.mkdir", f"{valkey.data}/owned"
        )
    bell = Doorbell(database, open_queue(valkey.url, QUEUE_SECONDS))
    valkey.kill()
    valkey.start()

    async def done() -> bool:
        await change(database, rung_at=0)
        await bell.ring_due()
        return {state for (state,) in await rows(database, j.c.state)} == {"done"}

    await eventually(done, 60, "the worker is back")
    assert not (Path(valkey.data) / "owned").exists()
    assert worker.process.poll() is None
    worker.end(signal.SIGTERM)
    bell.close()
    await database.close()
