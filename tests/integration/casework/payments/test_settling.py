"""Settling: one payment has one effect, whatever order and number of times its news arrive (P15)."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from casework.files import events
from casework.files.states import FileEventKind, FileStatus
from casework.files.tasks import FileTask
from casework.payments import cases, settling
from casework.payments.postal import PostalVerdict
from casework.payments.states import Instrument, MoneyAct, MoneyReason, MovementKind, acts_of
from evidence import verify
from evidence.money.recount_money import money_adds_up
from foundation import outbox
from foundation.clock import now_ms
from foundation.sql.database import Database
from submission.follow_up import FollowUp
from tests.support.candidates.paying import (
    FEE,
    FREE_PERIOD,
    PAYMENTS,
    balance_of,
    came_by_post,
    last_day,
    move_money,
    status_of_file,
    titles_of,
)
from tests.support.casework.file_events import happened
from tests.support.tasks import EFFECTS, about, submitted

t = outbox.task


async def pay(database: Database, cents: int, key: str, **more: Any) -> settling.Settlement:
    return await database.write(lambda conn: move_money(conn, cents, key, **more))


async def staged(database: Database) -> list[str]:
    found = sa.select(t.c.key).where(t.c.kind.in_(list(FileTask))).order_by(t.c.id)
    return list((await database.read(lambda conn: conn.execute(found))).scalars())


async def kinds(database: Database, number: int = 1) -> list[FileEventKind]:
    return [event.kind for event in (await database.read(lambda conn: events.history(conn, number))).events]


async def test_the_whole_fee_in_time_makes_a_file_paid_once(database: Database) -> None:
    await submitted(database)
    found = await pay(database, FEE, "card:1", instrument=Instrument.CARD)
    assert (found.status, found.recorded, found.balance) == (FileStatus.PAID, FileEventKind.PAID, FEE)
    again = await pay(database, FEE, "card:1")
    assert (again.status, again.recorded) == (FileStatus.PAID, None)
    assert await kinds(database) == [FileEventKind.PAID]
    assert await staged(database) == ["payment_confirmation:submission:1:1", "file_opening:submission:1:1"]
    assert await database.read(lambda conn: settling.has_paid(conn, 1))


async def test_less_than_the_fee_is_not_paid(database: Database) -> None:
    await submitted(database)
    found = await pay(database, FEE - 1, "card:1")
    assert (found.status, found.recorded) == (FileStatus.AWAITING_PAYMENT, None)
    assert not await database.read(lambda conn: settling.has_paid(conn, 1))


async def test_money_that_goes_back_reverses_and_can_come_again(database: Database) -> None:
    await submitted(database)
    await pay(database, FEE, "in", charge="ch_1")
    back = await pay(database, FEE, "out", kind=MovementKind.OUT, charge="ch_1")
    assert (back.status, back.recorded) == (FileStatus.REVERSED, FileEventKind.PAYMENT_REVERSED)
    assert not await database.read(lambda conn: settling.has_paid(conn, 1))
    late = await last_day(database) + timedelta(days=40)
    again = await pay(database, FEE, "won", charge="ch_1", on_day=late)
    assert (again.status, again.recorded) == (FileStatus.PAID, FileEventKind.PAID)
    assert (await staged(database))[2:] == [
        "payment_confirmation:submission:1:2",
        "file_opening:submission:1:2",
    ]


@pytest.mark.parametrize(("days", "is_late"), [(0, False), (1, True)])
async def test_the_last_day_counts_and_the_next_one_does_not(
    database: Database, days: int, is_late: bool
) -> None:
    """Late money never revives a file by itself."""
    await submitted(database)
    found = await pay(database, FEE, "in", on_day=await last_day(database) + timedelta(days=days))
    assert (found.is_late, found.status is FileStatus.AWAITING_PAYMENT) == (is_late, is_late)


async def test_two_halves_that_come_at_once_are_one_payment(database: Database) -> None:
    """Without the lock each would see its own half alone, and nobody would find the whole: see the races."""
    await submitted(database)
    halves = await asyncio.gather(*(pay(database, FEE // 2, f"half:{n}") for n in range(2)))
    assert sorted(str(half.recorded) for half in halves) == ["None", "paid"]
    assert await kinds(database) == [FileEventKind.PAID]


async def test_settled_twenty_times_at_once_it_is_one_effect(database: Database) -> None:
    await submitted(database)
    await pay(database, FEE, "in")
    await asyncio.gather(
        *(database.write(lambda conn: settling.settle(conn, PAYMENTS, 1, 9)) for _ in range(20))
    )
    assert await kinds(database) == [FileEventKind.PAID]
    assert len(await staged(database)) == 2


async def watch(database: Database, now: int) -> None:
    await database.write(lambda conn: EFFECTS[FollowUp.PAYMENT_WATCH](conn, about(1), now))


async def test_a_file_without_fees_is_opened_at_once_and_once(database: Database) -> None:
    """PY-10: no message, no reminder, no end of a wait; the letter that opens it, and a procuration in force."""
    await submitted(database, **FREE_PERIOD)
    for _ in range(2):
        await watch(database, now_ms())
    assert await kinds(database) == [FileEventKind.OPENED]
    assert (await status(database)) is FileStatus.OPENED
    assert await staged(database) == ["file_opening:submission:1:1"]
    await database.write(lambda conn: EFFECTS[FileTask.FILE_OPENING](conn, about(1), now_ms()))
    assert await titles_of(database) == (["Lettre d’ouverture de dossier"], ["Lettre d’ouverture de dossier"])
    assert await database.read(lambda conn: settling.has_paid(conn, 1))


async def test_money_for_a_file_without_fees_changes_nothing_of_it(database: Database) -> None:
    """What comes by post goes back, by rule; in and out again is no payment that was taken back."""
    await submitted(database, **FREE_PERIOD)
    await watch(database, now_ms())
    judged = await came_by_post(database, FEE)
    assert (judged.verdict, judged.returned) == (PostalVerdict.NO_FEE, True)
    await pay(database, FEE, "in")
    back = await pay(database, FEE, "out", kind=MovementKind.OUT)
    assert (back.status, back.recorded, back.fee) == (FileStatus.OPENED, None, None)


async def status(database: Database) -> FileStatus:
    return (await database.read(lambda conn: events.history(conn, 1))).status


async def test_a_card_that_pays_what_is_paid_waits_for_a_person(database: Database) -> None:
    """By post meanwhile, or by a second page: told twice it is one case; given back, the file stays paid."""
    await submitted(database)
    await came_by_post(database, FEE)
    for _ in range(2):
        await database.write(lambda conn: move_money(conn, FEE, "card:late", charge="ch_1"))
    (case,) = await database.read(cases.waiting)
    assert (case.reason, case.cents, await status_of_file(database)) == (
        MoneyReason.TOO_MUCH, FEE, FileStatus.PAID
    )  # fmt: skip
    assert money_adds_up(await verify.read(database, "essai")) == []
    back = MovementKind.OUT
    await database.write(lambda conn: move_money(conn, FEE, "card:back", kind=back, charge="ch_1"))
    assert (await status_of_file(database), await balance_of(database)) == (FileStatus.PAID, FEE)


async def test_without_the_look_it_would_be_found_by_the_recount_alone(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: nobody is asked, and `guichet verify` says so."""
    monkeypatch.setattr(settling, "paid_twice", lambda _moved, _asked: None)
    await submitted(database)
    for key in ("card:1", "card:2"):
        await database.write(lambda conn, key=key: move_money(conn, FEE, key))  # type: ignore[misc]
    assert await database.read(cases.waiting) == []
    assert len(money_adds_up(await verify.read(database, "essai"))) == 1


async def test_a_fee_that_goes_back_after_the_decision_is_a_persons(database: Database) -> None:
    """The decision stands; nothing can be deleted."""
    await submitted(database)
    await database.write(lambda conn: move_money(conn, FEE, "card:1", charge="ch_1"))
    await happened(database, 1, FileEventKind.CHECKLIST_SENT)
    await happened(database, 1, FileEventKind.DECIDED)
    back = MovementKind.OUT
    await database.write(lambda conn: move_money(conn, FEE, "card:back", kind=back, charge="ch_1"))
    (case,) = await database.read(cases.waiting)
    assert (case.reason, await status_of_file(database)) == (MoneyReason.REVERSED, FileStatus.DECIDED)
    assert acts_of(case.reason, FileStatus.DECIDED) == (MoneyAct.LEAVE,)
    assert money_adds_up(await verify.read(database, "essai")) == []
