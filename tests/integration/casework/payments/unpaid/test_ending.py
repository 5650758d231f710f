"""The end of an unpaid file: on its day, never while money is under way, and it is done once."""

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from casework.files.states import FileStatus
from casework.files.tasks import FileTask
from casework.mailroom import pen
from casework.payments import cases
from casework.payments.card.port import ProviderAway
from casework.payments.unpaid import clock, ending
from casework.payments.unpaid.clock import UnpaidStep
from foundation import outbox
from foundation.calendar.days import day_of, end_of_day
from foundation.calendar.spans import business_days
from foundation.outbox import OutsideEffects
from foundation.sql.database import Database
from submission.follow_up import FollowUp
from submission.pay_by import payment_deadline
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
from tests.support.casework.mail import entered, payment
from tests.support.tasks import EFFECTS, about, submitted

t = outbox.task


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


async def test_without_that_it_would_be_deleted_over_money_that_is_here(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: a step that does not look at money deletes the file whose payment lies with a person."""
    now = await over(database)
    await came_by_post(database, FEE + 1)
    monkeypatch.setattr(clock, "next_step", lambda of, today: UnpaidStep.DELETE)
    assert await attend(database, now) is None
    assert await status_of_file(database) is FileStatus.UNPAID_DELETED
    assert await database.read(cases.waiting)


async def in_the_pen(database: Database) -> int:
    """A payment of the whole fee that came on the last day, on which nothing can be read; an instant when the file's
    days are over."""
    now = await over(database)
    entry = await payment(database, 1, received_on=(await last_day(database)).isoformat())
    await entered(database, msgspec.structs.replace(entry, number="illisible", keep="1"), now=now)
    return now


async def test_a_payment_that_nobody_has_placed_keeps_it(database: Database) -> None:
    """Nothing on it points to the file; it could be this file's all the same."""
    now = await in_the_pen(database)
    assert await attend(database, now) == now + ending.LOOK_AGAIN_MS
    assert await status_of_file(database) is FileStatus.AWAITING_PAYMENT


async def test_without_that_a_file_whose_payment_is_in_the_house_would_be_deleted(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: where only guesses hold it back, what has none does not."""
    now = await in_the_pen(database)
    monkeypatch.setattr(pen, "POSTAL", ())
    assert await attend(database, now) is None
    assert await status_of_file(database) is FileStatus.UNPAID_DELETED


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


MANY = 60


async def spread_over_a_year(database: Database) -> dict[int, date]:
    """Files whose submissions are six days apart, of which nobody has an e-mail address: their last days to pay."""
    await submitted(database, MANY)
    days = {}
    for number in range(1, MANY + 1):
        at = end_of_day(date(2026, 1, 1) + timedelta(days=6 * number))
        days[number] = payment_deadline(at, 30).last_day
        row = {"submitted_at": at, "pay_by": end_of_day(days[number])}
        moved = sa.update(submission).where(submission.c.id == number).values(row)
        await database.write(lambda conn, moved=moved: conn.execute(moved))  # type: ignore[misc]
        begun = sa.update(t).where(t.c.kind == FollowUp.PAYMENT_WATCH, t.c.subject_id == str(number))
        await database.write(lambda conn, begun=begun, at=at: conn.execute(begun.values(due_at=at)))  # type: ignore[misc]
    return days


async def paid_on(database: Database, number: int, day: date) -> None:
    await database.write(lambda conn: move_money(conn, FEE, f"card:{number}", number=number, on_day=day))


@pytest.mark.slow
async def test_a_year_of_days_by_an_injected_clock(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each file is told, reminded three times and deleted: each on its day, in order, once; every fifth one pays three
    days before its last day, and is then left alone."""

    async def ask(db: Database, number: int) -> bool:
        return False

    outside: OutsideEffects = {FileTask.UNPAID_END: ending.ending(PAYMENTS, ask, 1_000)}
    days, now, happened = await spread_over_a_year(database), 0, list[tuple[date, str, int]]()
    ours = {FollowUp.PAYMENT_WATCH, FileTask.PAYMENT_REMINDER, FileTask.UNPAID_END}
    mine = sa.select(t.c.id, t.c.kind, t.c.subject_id, t.c.due_at, t.c.attempt)
    mine = mine.where(t.c.kind.in_(ours), t.c.state == "staged").order_by(t.c.due_at, t.c.id).limit(1)
    monkeypatch.setattr(outbox, "now_ms", lambda: now)
    while (row := (await database.read(lambda conn: conn.execute(mine))).one_or_none()) is not None:
        now, number = max(now, row.due_at), int(row.subject_id)
        if number % 5 == 0 and days[number] - day_of(now) <= timedelta(days=3):
            await paid_on(database, number, days[number])
        assert await outbox.perform(database, EFFECTS, row.id, row.attempt, outside=outside)
        happened.append((day_of(now), row.kind, number))
    for number, last in days.items():
        mine_only = [(day, kind) for day, kind, of in happened if of == number]
        purge = business_days(last, 5).last_day + timedelta(days=1)
        reminded = [(last - timedelta(days=left), FileTask.PAYMENT_REMINDER) for left in (14, 3, 1)]
        assert mine_only[1:] == [*reminded, (purge, FileTask.UNPAID_END)]
        paid = number % 5 == 0
        assert (await status_of_file(database, number) is FileStatus.PAID) == paid
        told = (await titles_of(database, number))[1]
        assert told.count("Rappel : frais à payer") == (1 if paid else 3)
        assert told.count("Suppression de votre demande") == (0 if paid else 1)
