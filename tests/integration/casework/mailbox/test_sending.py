"""A broadcast reaches everybody once, whatever is killed on the way; after a stop nobody gets anything more."""

import asyncio
from contextlib import suppress
from functools import partial

import msgspec
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.mailbox import broadcasts, sending
from casework.mailbox.broadcasts import SEND_BATCH
from casework.mailbox.states import BroadcastAct, BroadcastState
from casework.mailbox.store import broadcast_recipient, message
from foundation import outbox
from foundation.clock import now_ms
from foundation.errors import Refusal
from foundation.sql.database import Database
from foundation.subjects import Subject
from tests.support.candidates.representing import mails, with_email
from tests.support.casework.broadcasts import ANNE, confirmed, written
from tests.support.casework.messages import MAILBOX
from tests.support.desks import make_account, make_desk
from tests.support.tasks import rows

t = outbox.task.c

PEOPLE = 12


class WorkerKilled(BaseException):
    """A worker dies: nothing of its transaction is left, and nobody counts a failure."""


@pytest.fixture
async def sent(database: Database, monkeypatch: pytest.MonkeyPatch) -> int:
    """A broadcast to twelve people in four batches, of which nothing is delivered yet; its id."""
    monkeypatch.setattr(broadcasts, "PEOPLE_A_BATCH", 3)
    desk = make_desk(database)
    for number in range(1, PEOPLE + 1):
        await make_account(desk, number, draft=False)
        await with_email(database, number, f"essai-{number:05d}", f"essai{number}@courriel.example")
    of = await written(database)
    await confirmed(database, of.id)
    return of.id


async def ring(db: Database, effect: outbox.Effect, *, often: int = 1) -> None:
    """Ring for every batch that is staged, each so often at once, as tickers and workers do."""
    effects = {SEND_BATCH: effect}
    waits = sa.select(t.id, t.attempt).where(t.kind == SEND_BATCH, t.state == outbox.TaskState.STAGED)
    rings = (await db.read(lambda conn: conn.execute(waits))).all()
    for row in rings:
        with suppress(WorkerKilled):
            await asyncio.gather(
                *(outbox.perform(db, effects, row.id, row.attempt) for _ in range(often)),
            )
    free = sa.update(outbox.task).where(t.state == outbox.TaskState.STAGED).values(leased_until=0)
    await db.write(lambda conn: conn.execute(free))


async def addressed(db: Database) -> list[str]:
    """To whom mail was posted."""
    return sorted(to for _, to, _ in await mails(db))


EACH = sorted(f"essai{number}@courriel.example" for number in range(1, PEOPLE + 1))


async def test_two_rings_deliver_once_and_the_last_ends_it(database: Database, sent: int) -> None:
    await ring(database, sending.sending(MAILBOX), often=3)
    assert await addressed(database) == EACH
    assert (await database.read(lambda conn: broadcasts.find(conn, sent))).state is BroadcastState.SENT
    told = await database.read(lambda conn: broadcasts.progress(conn, sent))
    assert (told.people, told.delivered, told.read) == (PEOPLE, PEOPLE, 0)
    [(about, _), *_] = await rows(database, message.c.subject_kind, message.c.subject_id)
    assert about == "account"


async def test_a_worker_killed_on_the_way_loses_nobody(database: Database, sent: int) -> None:
    """Before a batch, behind its mails, and behind its last line: each time all of it or nothing."""
    whole, deaths = sending.sending(MAILBOX), iter(range(100))

    async def dying(conn: AsyncConnection, subject: Subject, now: int) -> None:
        at = next(deaths) % 3
        if at == 0:
            raise WorkerKilled
        await whole(conn, subject, now)
        if at == 1:
            raise WorkerKilled

    for _ in range(6):
        await ring(database, dying)
    assert await addressed(database) == EACH
    assert (await database.read(lambda conn: broadcasts.find(conn, sent))).state is BroadcastState.SENT


async def test_without_key_and_fence_somebody_would_have_two(
    database: Database, sent: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: messages whose keys are of the turn, and a batch that is sent again as after a lost `done`."""
    effect, batch = sending.sending(MAILBOX), Subject("broadcast_batch", f"{sent}-1")
    forget = sa.update(broadcast_recipient).values(message=None)
    for turn in ("first", "second"):
        monkeypatch.setattr(sending, "message_key", partial(key_of_turn, turn))
        await database.write(lambda conn: effect(conn, batch, now_ms()))
        await database.write(lambda conn: conn.execute(forget))
    assert len(await addressed(database)) == 6


def key_of_turn(turn: str, broadcast: int, account: int) -> str:
    """A key that is another one each time."""
    return f"{turn}:{broadcast}:{account}"


async def test_after_a_stop_nobody_gets_anything_more(database: Database, sent: int) -> None:
    """Who has it keeps it; how many that are is on the page."""
    effect = sending.sending(MAILBOX)
    await database.write(lambda conn: effect(conn, Subject("broadcast_batch", f"{sent}-2"), now_ms()))
    await database.write(lambda conn: broadcasts.end(conn, sent, BroadcastAct.STOP, ANNE, now_ms()))
    await ring(database, effect)
    told = await database.read(lambda conn: broadcasts.progress(conn, sent))
    assert (told.people, told.delivered) == (PEOPLE, 3)
    assert len(await addressed(database)) == 3
    left = await rows(database, t.state, t.kind)
    assert (outbox.TaskState.STAGED, SEND_BATCH) not in left


async def test_a_batch_that_does_not_ask_would_go_on_after_a_stop(
    database: Database, sent: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: a batch that takes the broadcast for one that is being sent."""
    plain = broadcasts.held

    async def never_stopped(conn: AsyncConnection, id: int) -> broadcasts.Broadcast:
        return msgspec.structs.replace(await plain(conn, id), state=BroadcastState.SENDING)

    monkeypatch.setattr(sending, "held", never_stopped)
    await database.write(lambda conn: broadcasts.end(conn, sent, BroadcastAct.STOP, ANNE, now_ms()))
    await ring(database, sending.sending(MAILBOX))
    assert await addressed(database) == EACH


async def test_a_stop_among_batches_is_a_line_that_nothing_crosses(database: Database, sent: int) -> None:
    """Whoever has it when the stop is done is everybody who ever has it."""
    effect = sending.sending(MAILBOX)

    async def stop() -> int:
        with suppress(Refusal):  # the last batch came first
            await database.write(lambda conn: broadcasts.end(conn, sent, BroadcastAct.STOP, ANNE, now_ms()))
        return (await database.read(lambda conn: broadcasts.progress(conn, sent))).delivered

    at_stop, _ = await asyncio.gather(stop(), ring(database, effect))
    told = await database.read(lambda conn: broadcasts.progress(conn, sent))
    assert told.delivered == at_stop == len(await addressed(database))
