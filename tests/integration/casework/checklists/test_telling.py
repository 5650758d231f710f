"""Reminders read again where things stand; what came together is told together."""

from datetime import time, timedelta

import sqlalchemy as sa

from casework.checklists.states import ChecklistTask
from casework.checklists.telling import tellings
from casework.mailbox.store import message
from foundation.calendar.days import instant_on
from foundation.clock import now_ms
from foundation.outbox import task
from foundation.sql.database import Database
from tests.integration.casework.checklists.test_handling import receive
from tests.support.casework.lists import LISTS, list_of, listed
from tests.support.tasks import about, rows

EFFECTS = tellings(LISTS)


async def remind(db: Database, before: int) -> None:
    """The task of a reminder, so many days before the last one."""
    due = (await list_of(db)).deadline().last_day
    now = instant_on(due - timedelta(days=before), time(8))
    await db.write(lambda conn: EFFECTS[ChecklistTask.REMIND](conn, about(1), now))


async def titles(db: Database) -> list[str]:
    return [title for title, _ in await rows(db, message.c.title, message.c.id)]


async def test_each_reminder_comes_once_and_the_next_is_staged(database: Database) -> None:
    await listed(database)
    for before in (45, 45, 14, 3, 3):
        await remind(database, before)
    found = await titles(database)
    assert sum(title.startswith("Rappel") for title in found) == 3
    staged = sa.select(sa.func.count()).where(task.c.kind == ChecklistTask.REMIND)
    assert (await database.read(lambda conn: conn.execute(staged))).scalar_one() == 3


async def test_nobody_is_reminded_of_what_is_here(on_sqlite: Database) -> None:
    """Nor after the last day."""
    await listed(on_sqlite)
    await remind(on_sqlite, -1)
    for number in (1, 2, 3, 4):
        await receive(on_sqlite, number)
    await remind(on_sqlite, 45)
    assert not any(title.startswith("Rappel") for title in await titles(on_sqlite))


async def test_what_came_in_one_envelope_is_one_message(on_sqlite: Database) -> None:
    """With a receipt for each; the second task has nothing left to tell."""
    await listed(on_sqlite)
    for number in (1, 2):
        await receive(on_sqlite, number)
    for _ in range(2):
        await on_sqlite.write(lambda conn: EFFECTS[ChecklistTask.TELL_RECEIVED](conn, about(1), now_ms()))
    assert sum(title.startswith("Nous avons reçu") for title in await titles(on_sqlite)) == 1
