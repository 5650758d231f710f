"""A list goes out as it was seen, once, with its event, document, message and reminder."""

import asyncio
from datetime import date
from functools import partial
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.checklists import sending
from casework.checklists.services import ChecklistServices
from casework.checklists.states import ChecklistTask
from casework.documents import DocumentKind
from casework.files import events
from casework.files.sheet import sheet
from casework.files.states import FileEventKind, FileStatus
from casework.mailbox.store import message
from casework.store import document
from foundation.audit import SERVICE
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from foundation.outbox import task
from foundation.sql.database import Database
from tests.integration.casework.checklists.test_handling import receive
from tests.support.casework.file_events import happened
from tests.support.casework.lists import AGENT, LISTS, list_of, listed, send, status_of_file
from tests.support.tasks import rows, submitted


async def test_a_list_goes_out_with_all_that_belongs_to_it(database: Database) -> None:
    """Items with their numbers, the event, one document, one message, the first reminder."""
    await listed(database)
    found = await list_of(database)
    assert [item.number for item in found.items] == [1, 2, 3, 4]
    assert {item.title for item in found.items} >= {"Passeport", "Acte de naissance"}
    assert all(item.name for item in found.items)
    assert await status_of_file(database) is FileStatus.AWAITING_DOCUMENTS
    filed = await rows(database, document.c.kind)
    assert filed.count((DocumentKind.CHECKLIST,)) == 1
    assert len(await rows(database, message.c.id)) == 1
    staged = sa.select(task.c.due_at).where(task.c.kind == ChecklistTask.REMIND)
    assert len((await database.read(lambda conn: conn.execute(staged))).all()) == 1


async def test_sent_by_two_at_once_it_goes_out_once(database: Database) -> None:
    """The second finds that it cannot happen any more."""
    await listed(database)
    found = await asyncio.gather(
        *(database.write(lambda conn: send(conn, 1, now_ms())) for _ in range(3)), return_exceptions=True
    )
    assert [one.code for one in found if isinstance(one, Refusal)] == [Code.MOVE_NOT_ALLOWED] * 3
    assert len(await rows(database, message.c.id)) == 1


async def test_a_list_goes_on_after_the_payment_was_made_again(on_sqlite: Database) -> None:
    """With the items and days that it had."""
    await listed(on_sqlite)
    before = await list_of(on_sqlite)
    await happened(on_sqlite, 1, FileEventKind.PAYMENT_REVERSED)
    await paid_again(on_sqlite)
    assert await status_of_file(on_sqlite) is FileStatus.PAID
    with pytest.raises(Refusal, match="move_not_allowed"):
        await on_sqlite.write(lambda conn: send(conn, 1, now_ms()))
    status = await on_sqlite.write(lambda conn: sending.resume(conn, 1, AGENT, now_ms()))
    assert status is FileStatus.AWAITING_DOCUMENTS
    assert await list_of(on_sqlite) == before


async def test_what_the_answers_ask_for_since_is_added(database: Database) -> None:
    """New documents behind the others, a document and a message of their own, the file awaits again; sent by many at
    once they are added once, and what was seen is what is added."""
    rules = LISTS.rules["demo"]
    fewer = msgspec.structs.replace(rules, items=rules.items[:3])
    short = msgspec.structs.replace(LISTS, rules={"demo": fewer})
    await submitted(database)
    await happened(database, 1, FileEventKind.PAID)
    await database.write(partial(send_by, sending.send, short))
    for number in (1, 2, 3):
        await receive(database, number)
    assert await status_of_file(database) is FileStatus.IN_EXAMINATION
    with pytest.raises(Refusal, match="move_not_allowed"):
        await database.write(partial(send_by, sending.extend, short))
    tries = (database.write(partial(send_by, sending.extend, LISTS)) for _ in range(3))
    found = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(not isinstance(one, Exception) for one in found) == 1
    listed = await list_of(database)
    assert [(one.number, one.state) for one in listed.items][2:] == [(3, "received"), (4, "asked")]
    assert await status_of_file(database) is FileStatus.AWAITING_DOCUMENTS
    assert (await rows(database, document.c.kind)).count((DocumentKind.CHECKLIST,)) == 2


async def send_by(act: Any, services: ChecklistServices, conn: AsyncConnection) -> None:
    """Send or extend what these services' rules make of the file now."""
    now = now_ms()
    seen = await sending.preview(conn, services, await sheet(conn, services.mailbox.personal, 1), now)
    await act(conn, services, 1, seen.digest, AGENT, now)


async def paid_again(db: Database) -> None:
    """A second payment, after the first one was taken back."""

    async def write(conn: AsyncConnection) -> None:
        of = await events.history(conn, 1, lock=True)
        await events.record(conn, of, FileEventKind.PAID, SERVICE, now_ms(), key="again")

    await db.write(write)


async def test_another_list_than_the_one_that_was_seen_does_not_go_out(on_sqlite: Database) -> None:
    await submitted(on_sqlite)
    await happened(on_sqlite, 1, FileEventKind.PAID)
    with pytest.raises(Refusal) as refused:
        await on_sqlite.write(lambda conn: sending.send(conn, LISTS, 1, "seen", AGENT, now_ms()))
    assert refused.value.code is Code.CHANGED_MEANWHILE


async def test_an_unpaid_file_gets_no_list(on_sqlite: Database) -> None:
    await submitted(on_sqlite)
    with pytest.raises(Refusal) as refused:
        await on_sqlite.write(lambda conn: send(conn, 1, now_ms()))
    assert refused.value.code is Code.MOVE_NOT_ALLOWED


@pytest.mark.parametrize(
    ("today", "left"),
    [
        (date(2016, 6, 13), [45, 14, 3]),
        (date(2016, 7, 29), [14, 3]),
        (date(2016, 8, 29), [3]),
        (date(2016, 9, 9), []),
    ],
)
def test_reminders_are_those_whose_day_is_still_to_come(today: date, left: list[int]) -> None:
    assert sending.next_reminders((45, 14, 3), date(2016, 9, 12), today) == left
