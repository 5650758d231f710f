"""What fits no file waits with guesses, holds the file back that it may belong to, and goes back after its days."""

from datetime import timedelta

import sqlalchemy as sa

from casework.files.numbers import file_number
from casework.mailroom import items, pen
from casework.mailroom.pen import KEPT_DAYS, MailTask
from casework.mailroom.states import MailItemState
from casework.mailroom.store import MAIL_ITEM
from config.demo.people import identity_of, invented_content
from foundation import outbox
from foundation.calendar.days import day_of, end_of_day
from foundation.sql.database import Database
from foundation.subjects import Subject
from tests.support.casework.mail import SERVICES, day, entered, indexed, typed
from tests.support.tasks import EFFECTS, submitted

WHO = identity_of(invented_content("essai", 1))


async def test_an_item_without_a_file_waits_with_its_guesses(on_sqlite: Database) -> None:
    """By a digit that cannot be read and by the name; the likeliest first, with reasons."""
    await submitted(on_sqlite, 2)
    await indexed(on_sqlite, 1, WHO)
    item = await entered(
        on_sqlite, typed(file_number(2)[:-1] + "?", name=f"{WHO.family_name} {WHO.given_name}", keep="1")
    )
    assert item.state is MailItemState.RECEIVED and item.submission is None
    guesses = await on_sqlite.read(lambda conn: pen.guesses_of(conn, item.id))
    assert {one.submission for one in guesses} == {1, 2}
    assert guesses[0].submission == 2 and all(one.reasons for one in guesses)
    assert [one.id for one in await on_sqlite.read(lambda conn: pen.waiting(conn, SERVICES))] == [item.id]
    assert await on_sqlite.read(pen.count) == 1


async def waited_for(db: Database, number: int) -> bool:
    return await db.read(lambda conn: pen.waits_for(conn, number))


async def test_a_file_that_is_guessed_is_waited_for(database: Database) -> None:
    """Another one is not; and none any more once the item has gone on."""
    await submitted(database, 2)
    item = await entered(database, typed(file_number(2)[:-1] + "?", keep="1"))
    for number, waits in ((1, False), (2, True)):
        assert await waited_for(database, number) is waits
    await database.write(lambda conn: pen.forget(conn, item.id))
    assert not await waited_for(database, 2)


async def test_after_its_days_it_is_set_aside_once(on_sqlite: Database) -> None:
    """By a task that was staged with the entry, due at the end of the last day of its reception's span."""
    item = await entered(on_sqlite, typed("illisible", received_on=day(3), keep="1"))
    t = outbox.task.c
    task = (
        await on_sqlite.read(
            lambda conn: conn.execute(sa.select(outbox.task).where(t.kind == MailTask.PEN_ENDS))
        )
    ).one()
    assert task.due_at == end_of_day(item.entry.received_on + timedelta(days=KEPT_DAYS))
    assert day_of(task.due_at) == item.entry.received_on + timedelta(days=KEPT_DAYS)
    for _ in range(2):
        await on_sqlite.write(
            lambda conn: EFFECTS[MailTask.PEN_ENDS](conn, Subject.row(MAIL_ITEM, item.id), task.due_at)
        )
    after = await on_sqlite.read(lambda conn: items.find(conn, SERVICES, item.id))
    history = await on_sqlite.read(lambda conn: items.history(conn, item.id))
    assert after.state is MailItemState.TO_RETURN and history[-1].reason == pen.ENDED
