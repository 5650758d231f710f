"""The end of an amendment whose fee did not come: it lapses once, never while money is under way, and the file
stays."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from casework.files.states import FileEventKind, FileStatus
from casework.files.tasks import FileTask
from casework.payments import cases
from casework.payments.card.port import ProviderAway
from casework.payments.states import MoneyReason
from casework.payments.supplements import ending
from casework.payments.supplements.rows import SupplementState
from casework.payments.unpaid.ending import LOOK_AGAIN_MS
from foundation import outbox
from foundation.calendar.days import end_of_day
from foundation.sql.database import Database
from tests.support.candidates.paying import PAYMENTS, move_money, status_of_file, titles_of
from tests.support.casework.file_events import happened
from tests.support.casework.supplements import EXTRA, asked, kinds_of, supplements_of
from tests.support.tasks import about

t = outbox.task


async def over(database: Database, days: int = 21) -> int:
    """An instant so many days after the last one."""
    one = await asked(database)
    return end_of_day(one.last_day + timedelta(days=days))


async def attend(database: Database, now: int, under_way: bool | type[Exception] = False) -> Any:
    async def ask(_db: Database, _number: int) -> bool:
        if isinstance(under_way, bool):
            return under_way
        raise under_way("away")

    outcome = await ending.ending(PAYMENTS, ask, 1_000).call(database, about(1), now)
    await database.write(lambda conn: outcome.record(conn, about(1), now))
    return outcome.again_at


async def state(database: Database) -> SupplementState:
    (one,) = await supplements_of(database)
    return one.state


async def test_it_lapses_once_is_told_and_the_file_stays(database: Database) -> None:
    now = await over(database)
    assert [await attend(database, now), await attend(database, now)] == [None, None]
    assert await state(database) is SupplementState.LAPSED
    assert await status_of_file(database) is FileStatus.PAID
    assert await kinds_of(database) == [FileEventKind.AMENDED, FileEventKind.AMENDMENT_LAPSED]
    assert (await titles_of(database))[1] == ["Modification sans effet"]


@pytest.mark.parametrize("under_way", [True, ProviderAway])
async def test_while_money_is_under_way_or_nobody_knows_it_stays(
    database: Database, under_way: bool | type[Exception]
) -> None:
    now = await over(database)
    assert await attend(database, now, under_way) == now + LOOK_AGAIN_MS
    assert await state(database) is SupplementState.AWAITED


async def test_late_money_that_a_person_looks_at_holds_it(database: Database) -> None:
    now = await over(database)
    (one,) = await supplements_of(database)
    late = one.last_day + timedelta(days=1)
    await database.write(lambda conn: move_money(conn, EXTRA, "card:extra", on_day=late))
    assert [case.reason for case in await database.read(cases.waiting)] == [MoneyReason.LATE]
    assert await attend(database, now) == now + LOOK_AGAIN_MS
    assert await state(database) is SupplementState.AWAITED


async def test_before_its_day_it_stays_and_its_days_are_staged(database: Database) -> None:
    assert await attend(database, await over(database, 0)) is None
    assert await state(database) is SupplementState.AWAITED
    staged = sa.select(t.c.id).where(t.c.kind == FileTask.SUPPLEMENT_END)
    assert len((await database.read(lambda conn: conn.execute(staged))).all()) == 1


async def test_of_a_file_that_has_ended_it_goes_without_a_word(database: Database) -> None:
    now = await over(database)
    await happened(database, 1, FileEventKind.WITHDRAWN)
    await attend(database, now)
    assert await state(database) is SupplementState.LAPSED
    assert (await titles_of(database))[1] == []
    assert await status_of_file(database) is FileStatus.WITHDRAWN


async def test_what_is_paid_never_lapses(database: Database) -> None:
    now = await over(database)
    await database.write(lambda conn: move_money(conn, EXTRA, "card:extra"))
    assert await attend(database, now) is None
    assert await state(database) is SupplementState.PAID
