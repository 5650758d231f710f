"""The end of an unpaid file: on its day, never while money is under way, and it is done once."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from casework.files.states import FileStatus
from casework.payments import cases
from casework.payments.card.port import ProviderAway
from casework.payments.unpaid import ending
from casework.payments.unpaid.clock import UnpaidStep
from foundation.calendar.days import end_of_day
from foundation.sql.database import Database
from submission.follow_up import FollowUp
from submission.store import submission
from tests.support.candidates.paying import (
    FEE,
    PAYMENTS,
    came_by_post,
    last_day,
    move_money,
    status_of_file,
    titles_of,
)
from tests.support.tasks import EFFECTS, about, submitted


async def over(database: Database) -> int:
    """An instant three weeks after the last day; the account was told to pay at the beginning."""
    await submitted(database)
    begun = end_of_day(await last_day(database) - timedelta(days=30))
    await database.write(lambda conn: EFFECTS[FollowUp.PAYMENT_WATCH](conn, about(1), begun))
    return end_of_day(await last_day(database) + timedelta(days=21))


async def attend(database: Database, now: int, under_way: bool | type[Exception] = False) -> Any:
    """The task as a worker does it; the provider says that a charge is under way, or does not answer."""

    async def ask(db: Database, number: int) -> bool:
        if isinstance(under_way, bool):
            return under_way
        raise under_way("away")

    outcome = await ending.ending(PAYMENTS, ask, 1_000).call(database, about(1), now)
    await database.write(lambda conn: outcome.record(conn, about(1), now))
    return outcome.again_at


async def test_it_is_deleted_once_and_late_money_does_not_revive_it(database: Database) -> None:
    now = await over(database)
    assert [await attend(database, now), await attend(database, now)] == [None, None]
    assert await status_of_file(database) is FileStatus.UNPAID_DELETED
    assert (await titles_of(database))[0] == ["Suppression de votre demande"]
    await database.write(lambda conn: move_money(conn, FEE, "card"))
    assert await status_of_file(database) is FileStatus.UNPAID_DELETED
    assert [one.reason for one in await database.read(cases.waiting)] == ["ended"]


@pytest.mark.parametrize("under_way", [True, ProviderAway])
async def test_while_money_is_under_way_or_nobody_knows_it_stays(
    database: Database, under_way: bool | type[Exception]
) -> None:
    now = await over(database)
    assert await attend(database, now, under_way) == now + ending.LOOK_AGAIN_MS
    assert await status_of_file(database) is FileStatus.AWAITING_PAYMENT


async def test_before_its_day_it_stays_and_another_day_is_staged(database: Database) -> None:
    await over(database)
    assert await attend(database, end_of_day(await last_day(database))) is None
    assert await status_of_file(database) is FileStatus.AWAITING_PAYMENT


async def test_what_a_person_has_to_decide_keeps_it(database: Database) -> None:
    now = await over(database)
    await came_by_post(database, FEE + 1)
    assert await attend(database, now) == now + ending.LOOK_AGAIN_MS


async def test_whom_nobody_told_in_time_is_not_deleted(database: Database) -> None:
    await submitted(database)
    now = end_of_day(await last_day(database) + timedelta(days=21))
    found = await database.write(lambda conn: ending.end(conn, PAYMENTS, 1, now))
    assert found is UnpaidStep.UNTOLD
    assert await attend(database, now) == now + ending.LOOK_AGAIN_MS


async def test_a_payment_just_before_the_lock_wins(database: Database) -> None:
    """The provider was asked, and then the money came: what is read under the lock counts."""
    now = await over(database)

    async def ask(db: Database, number: int) -> bool:
        await db.write(lambda conn: move_money(conn, FEE, "card"))
        return False

    await ending.ending(PAYMENTS, ask, 1_000).call(database, about(1), now)
    assert await status_of_file(database) is FileStatus.PAID
    device = (await database.read(lambda conn: conn.execute(sa.select(submission.c.device)))).scalar_one()
    assert device != "{}"
