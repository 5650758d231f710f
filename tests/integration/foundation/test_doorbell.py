"""The doorbell: rings carry no personal data, and Redis may be away, silent or full."""

import socket
import time

import pytest
import redis
from rq import Queue
from rq.serializers import JSONSerializer

from config.processes.worker import ENTRY
from config.stores import open_queue
from foundation import doorbell, outbox
from foundation.clock import now_ms
from foundation.doorbell import QUEUE_SECONDS, Doorbell
from foundation.outbox import Ring
from foundation.sql.database import Database
from foundation.subjects import Subject
from submission.follow_up import FollowUp
from tests.support.tasks import submitted


async def test_rings_carry_ids_only_and_never_a_pickle(
    sqlite_url: str, redis_url: str, patient_bell: float
) -> None:
    """What lies in Redis is JSON with two numbers: nothing of a person, nothing that runs (P11)."""
    database = Database(sqlite_url)
    await submitted(database)
    bell = Doorbell(database, open_queue(redis_url, patient_bell), ENTRY)
    assert await bell.ring_due() == len(FollowUp)
    assert await bell.ring_due() == 0
    with redis.Redis.from_url(redis_url) as client:
        queue = Queue(doorbell.QUEUE, connection=client, serializer=JSONSerializer)
        rung = [(job.func_name, job.args, job.kwargs, job.description, job.ttl) for job in queue.jobs]
        assert rung == [
            ("config.processes.worker.run", [n, 0], {}, "job", 120) for n in range(1, len(FollowUp) + 1)
        ]
        assert all(0 < client.ttl(job.key) <= 120 for job in queue.jobs)
        stored = b"".join(client.dump(key) or b"" for key in client.keys("*"))
        assert b"essai" not in stored
    bell.close()
    await database.close()


async def test_a_bell_that_nobody_answers_stops_ringing(
    sqlite_url: str, redis_url: str, patient_bell: float
) -> None:
    """With five hundred rings unheard no more are added: an absent worker must not fill Redis."""
    database = Database(sqlite_url)
    bell = Doorbell(database, open_queue(redis_url, patient_bell), ENTRY)
    for start in range(0, doorbell.MOST_IN_QUEUE, outbox.MOST_AT_ONCE):
        assert (
            await bell.ring([Ring(start + n, 0) for n in range(outbox.MOST_AT_ONCE)]) == outbox.MOST_AT_ONCE
        )
    assert await bell.ring([Ring(1, 0)]) == 0
    bell.close()
    await database.close()


async def test_one_ring_names_the_tasks_that_are_done_together(
    sqlite_url: str, redis_url: str, patient_bell: float
) -> None:
    """Sixteen of a kind at most, the number of each row with its attempt; all others have a ring of their own."""
    database = Database(sqlite_url)
    many = doorbell.MOST_TOGETHER + 2
    for n in range(many):
        await database.write(lambda conn, n=n: outbox.stage(conn, "letter", Subject.row("thing", n), 1))  # type: ignore[misc]
    await database.write(lambda conn: outbox.stage(conn, "other", Subject.row("thing", 1), 1))
    bell = Doorbell(database, open_queue(redis_url, patient_bell), ENTRY, batched={"letter"})
    assert await bell.ring_due() == many + 1
    with redis.Redis.from_url(redis_url) as client:
        queue = Queue(doorbell.QUEUE, connection=client, serializer=JSONSerializer)
        args = [list(job.args) for job in queue.jobs]
    pairs = [[number for n in some for number in (n, 0)] for some in (range(1, 17), (17, 18), (19,))]
    assert args == pairs
    bell.close()
    await database.close()


async def test_what_a_full_queue_does_not_take_is_not_marked_as_rung(
    sqlite_url: str, redis_url: str, patient_bell: float
) -> None:
    """It is rung for as soon as there is room, and costs no write until then."""
    database = Database(sqlite_url)
    bell = Doorbell(database, open_queue(redis_url, patient_bell), ENTRY, batched={"letter"})
    letters = [Ring(n, 0, "letter") for n in range(doorbell.MOST_IN_QUEUE)]
    assert await bell.ring(letters) == doorbell.MOST_IN_QUEUE
    await database.write(lambda conn: outbox.stage(conn, "letter", Subject.row("thing", 1), 1))
    assert await bell.ring_due() == 0
    assert await outbox.due(database, now_ms()) == [Ring(1, 0)]
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
    bell = Doorbell(database, open_queue(f"redis://127.0.0.1:{port}/0", QUEUE_SECONDS), ENTRY)
    started = time.monotonic()
    assert await bell.ring_due() == 0
    assert time.monotonic() - started < 1.5
    assert len(await outbox.due(database, now_ms() + outbox.RING_AGAIN_MS)) == len(FollowUp)
    bell.close()
    server.close()
    await database.close()
