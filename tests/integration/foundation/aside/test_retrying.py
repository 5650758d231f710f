"""What was set aside is done again or left, once, on the record, and never by a worker that was thought lost."""

import asyncio

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation import audit, outbox
from foundation.aside import retrying
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from foundation.mail.delivery import sending
from foundation.mail.outgoing import Mail, post
from foundation.mail.states import TRIED_FOR_MS
from foundation.mail.store import MAIL, mail
from foundation.outbox import LeaseLost
from foundation.sql.database import Database
from foundation.subjects import Subject
from tests.support.mail_servers import mail_server
from tests.support.tasks import change, rows

t = outbox.task

ABOUT = Subject("period", "u1")


async def nothing(conn: AsyncConnection, subject: Subject, now: int) -> None:
    """An effect."""


async def broken(conn: AsyncConnection, subject: Subject, now: int) -> None:
    raise ZeroDivisionError("quotes a row")


async def set_aside(db: Database) -> None:
    """One task that failed five times."""
    await db.write(lambda conn: outbox.stage(conn, "try", ABOUT, now_ms()))
    for attempt in range(outbox.MOST_FAILURES):
        await outbox.perform(db, {"try": broken}, 1, attempt)


async def retry(db: Database) -> None:
    await db.write(lambda conn: retrying.retry_task(conn, 1, "agnes", "corrigé", now_ms()))


async def test_a_task_is_done_again_with_failures_counted_from_nought(database: Database) -> None:
    """The type of its error is kept, its text nowhere; the attempt goes on from where it was."""
    await set_aside(database)
    columns = (t.c.state, t.c.attempt, t.c.failures, t.c.error)
    assert await rows(database, *columns) == [("set_aside", 5, 5, "ZeroDivisionError")]
    await retry(database)
    assert await rows(database, *columns) == [("staged", 5, 0, "ZeroDivisionError")]
    (ring,) = await outbox.due(database, now_ms())
    assert await outbox.perform(database, {"try": nothing}, ring.id, ring.attempt)
    a = audit.audit.c
    assert ("task_retry", "corrigé") in await rows(database, a.act, a.reason)


async def test_a_task_whose_workers_were_lost_gets_all_of_its_leases_again(database: Database) -> None:
    """Twenty-five more; the lost worker, should it come back, still writes nothing."""
    await database.write(lambda conn: outbox.stage(conn, "try", ABOUT, now_ms()))
    await change(database, attempt=outbox.MOST_ATTEMPTS)
    assert not await outbox.perform(database, {"try": nothing}, 1, outbox.MOST_ATTEMPTS)
    assert await rows(database, t.c.state, t.c.error) == [("set_aside", outbox.NEVER_BACK)]
    await retry(database)
    with pytest.raises(LeaseLost):
        await database.write(lambda conn: outbox._do(conn, {"try": nothing}, 1, outbox.MOST_ATTEMPTS))
    (ring,) = await outbox.due(database, now_ms())
    assert await outbox.perform(database, {"try": nothing}, ring.id, ring.attempt)


async def test_what_is_left_is_no_alarm_and_can_be_taken_up(database: Database) -> None:
    """A task that waits or is done is neither left nor tried again; one that is not there is not found."""
    await set_aside(database)
    await database.write(lambda conn: retrying.leave_task(conn, 1, "agnes", "sans objet", now_ms()))
    assert (await database.read(lambda conn: outbox.backlog(conn, now_ms()))).set_aside == 0
    assert await outbox.due(database, now_ms() + 60_000) == []
    await retry(database)
    for step in (retrying.retry_task, retrying.leave_task):
        for id, code in ((1, Code.MOVE_NOT_ALLOWED), (2, Code.NOT_FOUND)):
            with pytest.raises(Refusal) as refused:
                await database.write(lambda conn, id=id, step=step: step(conn, id, "agnes", "x", now_ms()))  # type: ignore[misc]
            assert refused.value.code == code


async def test_of_many_who_press_at_once_one_does_it(database: Database) -> None:
    """One line on the record."""
    await set_aside(database)
    outcomes = await asyncio.gather(*(retry(database) for _ in range(8)), return_exceptions=True)
    assert sum(outcome is None for outcome in outcomes) == 1
    acts = [act for (act,) in await rows(database, audit.audit.c.act)]
    assert acts.count("task_retry") == 1


async def test_without_the_state_in_the_statement_all_of_them_do_it(postgresql_url: str) -> None:
    """Twin: looked at first and written afterwards, each of those who press finds it set aside."""
    database = Database(postgresql_url)
    await set_aside(database)
    looked = asyncio.Barrier(4)

    async def unprotected(conn: AsyncConnection) -> None:
        assert (await conn.execute(sa.select(t.c.state))).scalar_one() == "set_aside"
        await looked.wait()
        await conn.execute(sa.update(t).values(state="staged", failures=0))
        await audit.record(conn, "agnes", "task_retry", ABOUT, now_ms())

    await asyncio.gather(*(database.write(unprotected) for _ in range(4)))
    acts = [act for (act,) in await rows(database, audit.audit.c.act)]
    assert acts.count("task_retry") == 4
    await database.close()


async def test_a_mail_that_no_server_took_is_posted_anew(database: Database) -> None:
    """Twice if need be, with the same Message-ID; one that went out is not."""
    letter = Mail("quelquun@exemple.invalid", "hello", "Bonjour", "Un texte.\n")
    await database.write(lambda conn: post(conn, letter, ABOUT, now_ms(), key="one"))
    async with mail_server() as kept:
        gone = kept.transport()
    for _ in range(2):
        await database.write(
            lambda conn: conn.execute(sa.update(mail).values(tried_at=now_ms() - TRIED_FOR_MS))
        )
        await work(database, gone)
        assert await rows(database, mail.c.state) == [("set_aside",)]
        assert await database.read(retrying.mails_aside) == [1]
        await database.write(
            lambda conn: retrying.retry_mail(conn, 1, "agnes", "le serveur est là", now_ms())
        )
    async with mail_server() as kept:
        await work(database, kept.transport())
        assert len(kept.messages) == 1
    assert await rows(database, mail.c.state) == [("sent",)]
    with pytest.raises(Refusal) as refused:
        await database.write(lambda conn: retrying.retry_mail(conn, 1, "agnes", "x", now_ms()))
    assert refused.value.code == Code.MOVE_NOT_ALLOWED


async def work(db: Database, transport: object) -> None:
    outside = {MAIL: sending(transport, 5.0)}  # type: ignore[arg-type]
    for ring in await outbox.due(db, now_ms()):
        await outbox.perform(db, {}, ring.id, ring.attempt, None, outside)
