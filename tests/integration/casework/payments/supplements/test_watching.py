"""What an account is told while the fee of an amendment is awaited; whoever paid a second before is not reminded."""

from datetime import datetime, time, timedelta

import sqlalchemy as sa

from casework.files.tasks import FileTask
from casework.payments.supplements import watching
from foundation import outbox
from foundation.calendar.days import end_of_day
from foundation.clock import montreal_instant, now_ms
from foundation.sql.database import Database
from tests.support.candidates.paying import move_money, titles_of
from tests.support.casework.supplements import EXTRA, asked, supplements_of
from tests.support.tasks import EFFECTS, about

t = outbox.task

KINDS = (FileTask.SUPPLEMENT_REMINDER, FileTask.SUPPLEMENT_END)


async def do(database: Database, kind: FileTask, days_left: int) -> None:
    (one,) = await supplements_of(database)
    now = end_of_day(one.last_day - timedelta(days=days_left)) - 50_000_000
    await database.write(lambda conn: EFFECTS[kind](conn, about(1), now))


async def days(database: Database) -> list[int]:
    found = sa.select(t.c.due_at).where(t.c.kind.in_(KINDS))
    return sorted((await database.read(lambda conn: conn.execute(found))).scalars())


async def test_told_at_once_and_reminded_on_three_days(database: Database) -> None:
    one = await asked(database)
    await database.write(lambda conn: watching.stage_watch(conn, one, now_ms()))
    for _ in range(2):
        await do(database, FileTask.SUPPLEMENT_WATCH, 30)
    assert (await titles_of(database))[1] == ["Frais supplémentaires à payer"]
    nine = [montreal_instant(datetime.combine(one.last_day - timedelta(days=n), time(9))) for n in (14, 3, 1)]
    staged = await days(database)
    assert (staged[:3], len(staged)) == (nine, 4)
    assert staged[3] > end_of_day(one.last_day)
    for left in (14, 3, 1, 1):
        await do(database, FileTask.SUPPLEMENT_REMINDER, left)
    reminded = ["Rappel : frais supplémentaires à payer"] * 3
    assert (await titles_of(database))[1] == ["Frais supplémentaires à payer", *reminded]
    assert await days(database) == staged


async def test_who_has_paid_is_neither_told_nor_reminded(database: Database) -> None:
    await asked(database)
    await database.write(lambda conn: move_money(conn, EXTRA, "card:extra"))
    await do(database, FileTask.SUPPLEMENT_WATCH, 30)
    await do(database, FileTask.SUPPLEMENT_REMINDER, 3)
    assert (await titles_of(database))[1] == ["Confirmation de paiement d’une modification"]
