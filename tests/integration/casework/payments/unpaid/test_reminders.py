"""What an account is told while its payment is awaited; whoever paid a second before is not reminded."""

from datetime import datetime, time, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.files.tasks import FileTask
from casework.payments.unpaid import reminders
from foundation import outbox
from foundation.calendar.days import end_of_day
from foundation.clock import montreal_instant
from foundation.sql.database import Database
from submission.follow_up import FollowUp
from submission.store import submission
from tests.support.candidates.paying import FEE, last_day, move_money, titles_of
from tests.support.tasks import EFFECTS, about, submitted

t = outbox.task


async def do(database: Database, kind: str, days_left: int) -> None:
    """An effect as it is done so many days before the last one, at nine."""
    day = await last_day(database) - timedelta(days=days_left)
    now = end_of_day(day) - 50_000_000
    await database.write(lambda conn: EFFECTS[kind](conn, about(1), now))


async def days(database: Database) -> list[int]:
    found = sa.select(t.c.due_at).where(t.c.kind.in_((FileTask.PAYMENT_REMINDER, FileTask.UNPAID_END)))
    return sorted((await database.read(lambda conn: conn.execute(found))).scalars())


async def test_told_at_once_and_reminded_on_three_days(database: Database) -> None:
    await submitted(database)
    for _ in range(2):
        await do(database, FollowUp.PAYMENT_WATCH, 30)
    assert (await titles_of(database))[1] == ["Frais à payer"]
    pay_by, staged = await last_day(database), await days(database)
    nine = [pay_by - timedelta(days=left) for left in (14, 3, 1)]
    at_nine = [montreal_instant(datetime.combine(d, time(9))) for d in nine]
    assert (staged[:3], len(staged)) == (at_nine, 4)
    assert staged[3] > end_of_day(pay_by)
    for left in (14, 3, 1, 1):
        await do(database, FileTask.PAYMENT_REMINDER, left)
    assert (await titles_of(database))[1] == ["Frais à payer", *["Rappel : frais à payer"] * 3]
    assert await days(database) == staged


async def test_who_paid_a_second_before_is_not_reminded(database: Database) -> None:
    await submitted(database)
    await database.write(lambda conn: move_money(conn, FEE, "card"))
    await do(database, FileTask.PAYMENT_REMINDER, 3)
    assert (await titles_of(database))[1] == []


async def test_without_the_look_they_would_be(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twin: a reminder that does not read the state again reminds whoever has paid."""

    async def awaited(conn: AsyncConnection, of: object) -> bool:
        return True

    monkeypatch.setattr(reminders, "_is_awaited", awaited)
    await submitted(database)
    await database.write(lambda conn: move_money(conn, FEE, "card"))
    await do(database, FileTask.PAYMENT_REMINDER, 3)
    assert (await titles_of(database))[1] == ["Rappel : frais à payer"]


async def test_a_last_day_that_moved_has_reminders_of_its_own(database: Database) -> None:
    """The task of the old day says nothing: there is more time now."""
    await submitted(database)
    await do(database, FollowUp.PAYMENT_WATCH, 30)
    later = end_of_day(await last_day(database) + timedelta(days=1))
    await database.write(lambda conn: conn.execute(sa.update(submission).values(pay_by=later)))
    await do(database, FileTask.PAYMENT_REMINDER, 15)
    assert (await titles_of(database))[1] == ["Frais à payer"]
    assert len(await days(database)) in {7, 8}


async def test_told_is_who_has_a_message_whose_notice_waits_no_more(database: Database) -> None:
    await submitted(database)
    end = end_of_day(await last_day(database))
    assert not await database.read(lambda conn: reminders.was_told(conn, 1, end))
    await do(database, FollowUp.PAYMENT_WATCH, 30)
    assert await database.read(lambda conn: reminders.was_told(conn, 1, end))
    assert not await database.read(lambda conn: reminders.was_told(conn, 1, 0))
