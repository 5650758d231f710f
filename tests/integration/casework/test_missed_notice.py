"""The notice of wrong tries: filed by its task while there is something to tell, once a day."""

import sqlalchemy as sa

from accounts.attempts import missed
from accounts.states import SessionRole
from casework import documents
from foundation import outbox
from foundation.clock import now_ms
from foundation.sql.database import Database
from tests.support.desks import make_account, make_desk
from tests.support.tasks import perform


async def staged(database: Database, account: int, now: int) -> list[int]:
    """The notice staged at this instant, and all tasks there are."""
    await database.write(lambda conn: missed.stage_notice(conn, account, now))
    tasks = sa.select(outbox.task.c.id).order_by(outbox.task.c.id)
    return list((await database.read(lambda conn: conn.execute(tasks))).scalars())


async def test_a_notice_is_filed_for_its_account_once_a_day(database: Database) -> None:
    """The same day it is one task; the next day the next number, about what was counted until then."""
    desk, now = make_desk(database), now_ms()
    account = await make_account(desk)
    for _ in range(16):
        await database.write(lambda conn: missed.count(conn, SessionRole.CANDIDATE, account, True, now))
    (first,) = await staged(database, account, now)
    assert await staged(database, account, now) == [first]
    assert await perform(database, first, 0)
    _, second = await staged(database, account, now + missed.DAY_MS)
    assert await perform(database, second, 0)
    filed = await database.read(lambda conn: documents.of_account(conn, account))
    assert [(one.kind, one.title) for one in filed] == [
        ("missed_notice", "Essais de connexion à votre compte")
    ] * 2
    desk.accounts.hasher.close()


async def test_who_was_told_at_a_sign_in_gets_no_notice(database: Database) -> None:
    """The count went with the session: nothing is left to file, and the task is done."""
    desk, now = make_desk(database), now_ms()
    account = await make_account(desk)
    await database.write(lambda conn: missed.count(conn, SessionRole.CANDIDATE, account, False, now))
    (task,) = await staged(database, account, now)
    await database.write(lambda conn: missed.take(conn, SessionRole.CANDIDATE, account, 0))
    assert await perform(database, task, 0)
    assert await database.read(lambda conn: documents.of_account(conn, account)) == []
    desk.accounts.hasher.close()
