"""A day is proclaimed: each open deadline that ends on it moves once, and the person is told."""

import asyncio
from datetime import date, timedelta

import sqlalchemy as sa

from accounts.store import account
from casework.deadlines import moving, proclaiming
from casework.deadlines.moving import AGAIN_MS, Progress
from casework.deadlines.states import DeadlineTask
from casework.files.states import FileEventKind
from casework.files.store import file_event
from casework.mailbox.store import message
from config.wiring.deadlines import deadline_services
from foundation import outbox
from foundation.audit import Actor
from foundation.calendar.closures import PUBLIC_SERVICE, ProclaimedDay
from foundation.calendar.days import day_of, end_of_day
from foundation.calendar.proclaimed import proclaimed_day
from foundation.clock import now_ms
from foundation.sql.database import Database
from submission.store import submission
from tests.support.casework.file_events import happened
from tests.support.rooms import KEYS
from tests.support.tasks import EFFECTS, KNOWN, rows, submitted

SERVICES = deadline_services(KNOWN, KEYS, "http://guichet.test")

NAME = "un jour de deuil national"


async def last_day(database: Database) -> date:
    """The day on which the first file is to be paid at the latest."""
    return day_of((await rows(database, submission.c.pay_by))[0][0])


async def proclaim(database: Database, day: date) -> None:
    """By two people."""
    now = now_ms()
    await database.write(lambda conn: proclaiming.enter(conn, day, NAME, Actor("anne", "operator"), now))
    await database.write(lambda conn: proclaiming.confirm(conn, day, now, Actor("benoit", "approver"), now))


async def look(database: Database, progress: Progress, now: int | None = None) -> None:
    """Do one task of the look, as the worker does."""
    at = now_ms() if now is None else now
    await database.write(lambda conn: EFFECTS[DeadlineTask.MOVE](conn, progress.subject, at))


async def test_each_open_deadline_on_the_day_moves_once(database: Database) -> None:
    """The preview says which; one event each, the row says the new day, a message tells it; a paid file stays."""
    await submitted(database, 3)
    await happened(database, 2, FileEventKind.PAID)
    day = await last_day(database)
    moved_to = PUBLIC_SERVICE.having(ProclaimedDay(day, NAME)).next_open(day)
    shown = await database.read(lambda conn: moving.preview(conn, SERVICES, ProclaimedDay(day, NAME)))
    assert [(one.submission, one.one.told, one.one.last_day) for one in shown] == [
        (1, day, moved_to),
        (3, day, moved_to),
    ]
    await proclaim(database, day)
    staged = sa.select(outbox.task.c.subject_id).where(outbox.task.c.kind == DeadlineTask.MOVE)
    assert (await database.read(lambda conn: conn.execute(staged))).scalars().all() == [f"{day}:1:0"]
    await asyncio.gather(*(look(database, Progress(day)) for _ in range(3)))
    moved = FileEventKind.DEADLINE_MOVED
    events = [
        row
        for row in await rows(database, file_event.c.submission, file_event.c.kind, file_event.c.on_day)
        if row[1] == moved
    ]
    assert events == [(1, moved, moved_to.isoformat()), (3, moved, moved_to.isoformat())]
    assert [row[1] for row in await rows(database, submission.c.id, submission.c.pay_by)] == [
        end_of_day(moved_to), end_of_day(day), end_of_day(moved_to),
    ]  # fmt: skip
    assert len(await rows(database, message.c.id)) == 2
    assert await database.read(lambda conn: moving.preview(conn, SERVICES, ProclaimedDay(day, NAME))) == []


async def test_a_file_that_was_submitted_meanwhile_is_found_by_the_second_look(database: Database) -> None:
    """It was counted without the day, and is behind the first look; the second comes ten minutes later, and says when
    all was looked at."""
    await submitted(database)
    day = await last_day(database)
    await proclaim(database, day)
    now = now_ms()
    await look(database, Progress(day), now)
    too_late = sa.update(submission).values(pay_by=end_of_day(day))
    await database.write(lambda conn: conn.execute(too_late))
    await database.write(lambda conn: conn.execute(sa.delete(file_event)))
    again = sa.select(outbox.task.c.due_at).where(outbox.task.c.subject_id == f"{day}:2:0")
    assert (await database.read(lambda conn: conn.execute(again))).scalar_one() == now + AGAIN_MS
    await look(database, Progress(day, 2), now)
    assert await last_day(database) > day
    assert await rows(database, proclaimed_day.c.moved_at) == [(now,)]


async def test_a_day_that_is_no_holiday_moves_nothing(database: Database) -> None:
    """Twin: what one person entered is a request; the same task then moves nothing."""
    await submitted(database)
    day, now = await last_day(database), now_ms()
    await database.write(lambda conn: proclaiming.enter(conn, day, NAME, Actor("anne", "operator"), now))
    await look(database, Progress(day))
    assert await last_day(database) == day
    assert await rows(database, file_event.c.id) == []


async def test_who_submits_once_the_day_is_proclaimed_is_told_the_later_day(database: Database) -> None:
    """No process has the calendar of before: the next submission counts with the day."""
    today = day_of(now_ms())
    day = PUBLIC_SERVICE.next_open(today + timedelta(days=30))
    await proclaim(database, day)
    await submitted(database)
    assert await last_day(database) == PUBLIC_SERVICE.having(ProclaimedDay(day, NAME)).next_open(day)
    assert len(await rows(database, account.c.id)) == 1


def test_how_far_a_look_has_come_is_the_subject_of_its_task() -> None:
    progress = Progress(date(2026, 9, 21), 2, 400)
    assert Progress.of(progress.subject) == progress
