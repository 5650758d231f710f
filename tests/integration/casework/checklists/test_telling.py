"""Reminders read again where things stand; what came together is told together."""

from datetime import time, timedelta
from functools import partial

import sqlalchemy as sa

from casework.checklists import handling
from casework.checklists.letter import told_words
from casework.checklists.states import ChecklistTask, ItemAct
from casework.checklists.telling import tellings
from casework.mailbox.store import message
from foundation.calendar.days import instant_on
from foundation.clock import now_ms
from foundation.outbox import task
from foundation.sql.database import Database
from tests.integration.casework.checklists.test_handling import receive
from tests.support.casework.lists import AGENT, CLERK, LISTS, list_of, listed
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


async def tell(db: Database) -> None:
    await db.write(lambda conn: EFFECTS[ChecklistTask.TELL](conn, about(1), now_ms()))


async def test_what_came_in_one_envelope_is_one_message(on_sqlite: Database) -> None:
    """With a receipt for each; the second task has nothing left to tell, and a receipt undone in time none either."""
    await listed(on_sqlite)
    for number in (1, 2, 3):
        await receive(on_sqlite, number)
    await on_sqlite.write(lambda conn: handling.undo_receipt(conn, 1, 3, CLERK, now_ms()))
    await tell(on_sqlite)
    await tell(on_sqlite)
    assert sum(title.startswith("Nous avons reçu") for title in await titles(on_sqlite)) == 1
    assert len(await titles(on_sqlite)) == 2


async def test_what_an_agent_decides_is_told_with_its_reason(on_sqlite: Database) -> None:
    """A refusal after its receipt was told is a message of its own, with the day until which it is asked again."""
    await listed(on_sqlite)
    await receive(on_sqlite, 1)
    await tell(on_sqlite)
    refuse = partial(handling.decide, services=LISTS, submission=1, number=1, act=ItemAct.REFUSE, by=AGENT)
    await on_sqlite.write(partial(refuse, reason="Copie non certifiée.", now=now_ms()))
    await tell(on_sqlite)
    assert (await titles(on_sqlite)).count("Votre liste de documents a changé") == 1
    found = await list_of(on_sqlite)
    words = told_words(found, found.item(1), found.item(1).events[-1])
    assert words.startswith("Refusé : Copie non certifiée. À poster au plus tard le ")
