"""A broadcast with real workers that are killed at random: everybody has one message and one notice (DM-04)."""

import asyncio
import random
import signal
from collections import Counter

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.mailbox import broadcasts
from casework.mailbox.broadcasts import SEND_BATCH
from casework.mailbox.states import BroadcastAct, BroadcastState
from casework.mailbox.store import message
from config.processes.worker import ENTRY
from config.stores import open_queue
from foundation import outbox
from foundation.clock import now_ms
from foundation.doorbell import QUEUE_SECONDS, Doorbell
from foundation.mail.store import mail
from foundation.sql.database import Database
from tests.bench.broadcasts import fill
from tests.integration.config.processes.test_worker import StartedWorker, eventually
from tests.integration.config.processes.test_worker import worker_process as worker_process
from tests.support.casework.broadcasts import ANNE, BRUNO, approved, confirmed, written
from tests.support.desks import PERSONAL
from tests.support.tasks import change, rows

t = outbox.task.c

PEOPLE, A_BATCH, DEATHS = 400, 4, 4


@pytest.mark.slow
async def test_two_workers_killed_at_random_write_to_everybody_once(
    database: Database,
    database_url: str,
    redis_url: str,
    worker_process: type[StartedWorker],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """kill -9 of one of two, four times, wherever each is; stopped in the middle, and gone on with. Twins are in
    `test_sending.py`."""
    monkeypatch.setattr(broadcasts, "PEOPLE_A_BATCH", A_BATCH)
    await database.write(lambda conn: fill(conn, PEOPLE, PERSONAL), 60)
    of = await written(database)
    await confirmed(database, of.id)
    assert (await approved(database, of.id)).state is BroadcastState.SENDING
    bell, chance = Doorbell(database, open_queue(redis_url, QUEUE_SECONDS), ENTRY), random.Random(2016)

    async def done() -> int:
        return (await rows(database, t.kind, t.state)).count((SEND_BATCH, outbox.TaskState.DONE))

    async def ring() -> None:
        # Time runs faster here: leases and rings are over as soon as a worker is dead.
        await change(database, leased_until=0, rung_at=0)
        await bell.ring_due()

    async def stopped_and_gone_on() -> None:
        async def stop(conn: AsyncConnection) -> None:
            ended = await broadcasts.end(conn, of.id, BroadcastAct.STOP, ANNE, now_ms())
            await broadcasts.resume(conn, of.id, ended.version, BRUNO, now_ms())

        await database.write(stop)

    workers = [worker_process(database_url, redis_url) for _ in range(2)]
    for death in range(1, DEATHS + 1):

        async def enough(some: int = death * PEOPLE // A_BATCH // (DEATHS + 2)) -> bool:
            await ring()
            return await done() >= some

        await eventually(enough, 120, f"batches done before death {death}")
        await asyncio.to_thread(workers.pop(chance.randrange(2)).end, signal.SIGKILL)
        workers.append(worker_process(database_url, redis_url))
        if death == DEATHS // 2:
            await stopped_and_gone_on()

    async def all_done() -> bool:
        await ring()
        return (await database.read(lambda conn: broadcasts.find(conn, of.id))).state is BroadcastState.SENT

    await eventually(all_done, 120, "every batch")
    told = Counter(account for (account,) in await rows(database, message.c.account))
    assert set(told.values()) == {1} and len(told) == PEOPLE
    assert set(Counter(key for (key,) in await rows(database, mail.c.subject_id)).values()) == {1}
    assert len(await rows(database, mail.c.id)) == PEOPLE
    assert (await database.read(lambda conn: broadcasts.find(conn, of.id))).state is BroadcastState.SENT
