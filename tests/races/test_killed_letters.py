"""The letters of a payment with real workers that are killed at random: each file has both once, and is told once."""

import asyncio
import random
import signal

import pytest

from config.effects import BATCHED
from config.processes.worker import ENTRY
from config.stores import open_queue
from foundation import outbox
from foundation.doorbell import QUEUE_SECONDS, Doorbell
from foundation.sql.database import Database
from tests.bench.documents import letters
from tests.integration.config.processes.test_worker import StartedWorker, eventually
from tests.integration.config.processes.test_worker import worker_process as worker_process
from tests.support.rooms import KEYS
from tests.support.tasks import change, rows

t = outbox.task.c

FILES, DEATHS = 120, 4


@pytest.mark.slow
async def test_two_workers_killed_at_random_file_each_letter_once(
    database: Database,
    database_url: str,
    redis_url: str,
    worker_process: type[StartedWorker],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """kill -9 of one of two, four times, in the middle of a batch or not; with number, PDF, message and mail. What is
    there twice without the transaction is in `test_killed_tasks.py`."""
    monkeypatch.setattr(letters, "KEY", KEYS[0])
    await database.write(lambda conn: letters.fill(conn, FILES), 60)
    queue, chance = open_queue(redis_url, QUEUE_SECONDS), random.Random(2016)
    bell, all_of_them = Doorbell(database, queue, ENTRY, batched=BATCHED), FILES * len(letters.EACH)

    async def done() -> int:
        return all_of_them - await database.read(letters.left)

    async def ring() -> None:
        # Time runs faster here: leases and rings are over as soon as a worker is dead.
        await change(database, leased_until=0, rung_at=0)
        await bell.ring_due()

    workers = [worker_process(database_url, redis_url) for _ in range(2)]
    for death in range(1, DEATHS + 1):

        async def enough(some: int = death * all_of_them // (DEATHS + 2)) -> bool:
            await ring()
            return await done() >= some

        await eventually(enough, 120, f"letters filed before death {death}")
        await asyncio.to_thread(workers.pop(chance.randrange(2)).end, signal.SIGKILL)
        workers.append(worker_process(database_url, redis_url))

    async def all_done() -> bool:
        await ring()
        return await done() == all_of_them

    await eventually(all_done, 120, "every letter")
    assert await database.read(lambda conn: letters.wrong(conn, FILES)) == 0
    assert await database.read(lambda conn: letters.untold(conn, FILES)) == 0
    failures = await rows(database, t.kind, t.failures)
    assert {count for kind, count in failures if kind in letters.EACH} == {0}
    bell.close()
