"""The money of an item follows its day; what would harm its owner waits for a person."""

from datetime import date

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.files import events
from casework.files.states import FileEventKind, FileStatus
from casework.mailroom import items
from casework.mailroom.correcting import redating
from casework.mailroom.correcting.redating import RedatingStep
from casework.mailroom.items import RegisteredItem
from casework.mailroom.returning import returns
from casework.mailroom.states import MailItemState
from casework.payments import cases, deciding, movements
from casework.payments.cases import MoneyCase
from casework.payments.states import MoneyAct, MoneyReason
from casework.payments.unpaid import deletion
from foundation.audit import SERVICE
from foundation.calendar.days import day_of
from foundation.clock import now_ms
from foundation.sql.database import Database
from tests.integration.casework.mailroom.correcting.test_corrections import confirmed, proposed, shown
from tests.support.candidates.paying import AGENT, balance_of, status_of_file, titles_of
from tests.support.casework.mail import (
    CLAIRE,
    PAYMENTS,
    SERVICES,
    day,
    entered,
    paid_late_by,
    payment,
    waited_for,
)
from tests.support.tasks import submitted


async def days_of_money(db: Database) -> list[str]:
    """The days of the money that is in, one by one and without what was taken back."""
    moved = await db.read(lambda conn: movements.of_file(conn, 1))
    found: list[str] = []
    for one in moved:
        (found.append if one.signed > 0 else found.remove)(one.on_day.isoformat())
    return found


async def waiting(db: Database) -> list[MoneyCase]:
    return await db.read(cases.waiting)


async def decided(db: Database, act: MoneyAct) -> None:
    case = (await waiting(db))[0]
    await db.write(lambda conn: deciding.decide(conn, PAYMENTS, case.id, act, "Vu.", AGENT, now_ms()))


async def state_of(db: Database, item: RegisteredItem) -> MailItemState:
    return (await db.read(lambda conn: items.find(conn, SERVICES, item.id))).state


async def corrected(db: Database, item: RegisteredItem, received_on: str) -> RedatingStep | None:
    """Proposed and confirmed; what was shown of the money."""
    await proposed(db, item.id, received_on=received_on)
    step = (await shown(db, item.id)).step
    await confirmed(db, item.id)
    return step


async def test_money_that_is_in_has_the_new_day_and_nothing_else_happens(database: Database) -> None:
    """Twice, by movements of their own; the file stays paid, its events say the day, and so does a message."""
    await submitted(database)
    item = await entered(database, await payment(database, 1))
    balance = await balance_of(database)
    for ago in (3, 1):
        assert await corrected(database, item, day(ago)) is RedatingStep.FOLLOWS
        assert await days_of_money(database) == [day(ago)] and await balance_of(database) == balance
    of = await database.read(lambda conn: events.history(conn, 1))
    assert [one.kind for one in of.events] == [FileEventKind.PAID, *[FileEventKind.PAYMENT_REDATED] * 2]
    assert of.events[-1].on_day == date.fromisoformat(day(1)) and of.status is FileStatus.PAID
    assert (await titles_of(database))[1].count("Date de votre paiement corrigée") == 2
    assert await waiting(database) == []


async def test_money_that_came_late_stays_until_a_person_decides(database: Database) -> None:
    """The file stays paid; shown and told before and after; a person keeps it, and that stands."""
    await submitted(database)
    await paid_late_by(database, 1, 2)
    item = await entered(database, await payment(database, 1, received_on=day(4)))
    await proposed(database, item.id, received_on=day())
    preview = await shown(database, item.id)
    assert preview.asks and not preview.changes and preview.after is not None
    assert "après le dernier jour" in preview.after.warns[0]
    await confirmed(database, item.id)
    assert await status_of_file(database) is FileStatus.PAID
    assert [(one.reason, one.on_day.isoformat()) for one in await waiting(database)] == [
        (MoneyReason.REDATED, day())
    ]
    assert "Paiement reçu, à examiner" in (await titles_of(database))[1]
    await decided(database, MoneyAct.KEEP)
    assert await status_of_file(database) is FileStatus.PAID
    assert (await state_of(database, item), await days_of_money(database)) == (
        MailItemState.ACCEPTED,
        [day()],
    )


async def test_without_that_two_clerks_would_take_a_paid_file_away(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: where what is late is always done anew, a date that was put right makes a paid file unpaid."""
    monkeypatch.setattr(redating, "next_step", lambda of: RedatingStep.ANEW)
    await submitted(database)
    await paid_late_by(database, 1, 2)
    item = await entered(database, await payment(database, 1, received_on=day(4)))
    await corrected(database, item, day())
    assert await status_of_file(database) is FileStatus.REVERSED


@pytest.mark.parametrize(
    ("act", "state"),
    [(MoneyAct.RETURN, MailItemState.TO_RETURN), (MoneyAct.CHEQUE, MailItemState.ACCEPTED)],
)
async def test_a_person_may_send_it_back(on_sqlite: Database, act: MoneyAct, state: MailItemState) -> None:
    """The instrument, or a cheque; the file is not paid any more, and waits for a person."""
    await submitted(on_sqlite)
    await paid_late_by(on_sqlite, 1, 2)
    item = await entered(on_sqlite, await payment(on_sqlite, 1, received_on=day(4)))
    await corrected(on_sqlite, item, day())
    await decided(on_sqlite, act)
    assert (await status_of_file(on_sqlite), await balance_of(on_sqlite)) == (FileStatus.REVERSED, 0)
    assert await state_of(on_sqlite, item) is state
    assert [one.reason for one in await waiting(on_sqlite)] == [MoneyReason.REVERSED]


async def test_a_day_put_right_again_asks_nobody(on_sqlite: Database) -> None:
    """It was in time after all: the case goes, the money has its day."""
    await submitted(on_sqlite)
    await paid_late_by(on_sqlite, 1, 2)
    item = await entered(on_sqlite, await payment(on_sqlite, 1, received_on=day(4)))
    await corrected(on_sqlite, item, day())
    assert await corrected(on_sqlite, item, day(3)) is RedatingStep.FOLLOWS
    assert (await waiting(on_sqlite), await days_of_money(on_sqlite)) == ([], [day(3)])


async def test_what_waits_for_a_person_waits_with_its_day(database: Database) -> None:
    """Late now, that person is told, and the candidate; in time again, and too much as before."""
    await submitted(database)
    await paid_late_by(database, 1, 2)
    item = await entered(database, await payment(database, 1, 100, received_on=day(4)))
    assert await corrected(database, item, day(3)) is RedatingStep.FOLLOWS
    assert [(one.reason, one.on_day.isoformat()) for one in await waiting(database)] == [
        (MoneyReason.TOO_MUCH, day(3))
    ]
    assert await corrected(database, item, day(1)) is RedatingStep.WAITS_LATE
    assert [one.reason for one in await waiting(database)] == [MoneyReason.LATE]
    assert await state_of(database, item) is MailItemState.MATCHED
    assert await corrected(database, item, day(3)) is RedatingStep.ANEW
    assert [one.reason for one in await waiting(database)] == [MoneyReason.TOO_MUCH]


async def sent_back(db: Database) -> RegisteredItem:
    """A payment that was taken as late, and has left the house."""
    await submitted(db)
    await paid_late_by(db, 1, 2)
    item = await entered(db, await payment(db, 1))
    today = day_of(now_ms())
    return await db.write(
        lambda conn: returns.send_back(conn, SERVICES, item.id, "RN1", today, CLAIRE, now_ms())
    )


async def test_what_went_back_by_mistake_holds_the_file_and_may_be_replaced(database: Database) -> None:
    """A person is asked, nothing is deleted, and the whole fee sent again is not simply late."""
    item = await sent_back(database)
    assert await corrected(database, item, day(4)) is RedatingStep.SENT_BACK
    assert (await state_of(database, item)) is MailItemState.RETURNED
    assert [one.reason for one in await waiting(database)] == [MoneyReason.MISDATED]
    again = await entered(database, await payment(database, 1, reason="un autre envoi"))
    assert again.state is MailItemState.MATCHED
    late = next(one for one in await waiting(database) if one.reason is MoneyReason.LATE)
    await database.write(
        lambda conn: deciding.decide(conn, PAYMENTS, late.id, MoneyAct.ACCEPT, "Vu.", AGENT, now_ms())
    )
    assert await status_of_file(database) is FileStatus.PAID
    assert await waiting(database) == []


async def deleted(conn: AsyncConnection) -> None:
    """The file's days are over, and it is deleted."""
    of = await events.history(conn, 1, lock=True)
    await deletion.delete(conn, PAYMENTS, of, FileEventKind.UNPAID_DELETED, SERVICE, now_ms())


async def test_a_deleted_file_is_shown_to_a_person_and_stays_deleted(on_sqlite: Database) -> None:
    """Nothing brings it back; that somebody was wronged is not lost either."""
    item = await sent_back(on_sqlite)
    await on_sqlite.write(deleted)
    assert await corrected(on_sqlite, item, day(4)) is RedatingStep.SENT_BACK
    assert await status_of_file(on_sqlite) is FileStatus.UNPAID_DELETED
    assert [one.reason for one in await waiting(on_sqlite)] == [MoneyReason.MISDATED]
    await decided(on_sqlite, MoneyAct.LEAVE)
    assert await waiting(on_sqlite) == []


async def test_a_correction_that_waits_holds_the_deletion(on_sqlite: Database) -> None:
    """Of its file; and of every unpaid file, for a payment without one that would be in time by it."""
    item = await sent_back(on_sqlite)
    assert not await waited_for(on_sqlite)
    await proposed(on_sqlite, item.id, received_on=day(4))
    assert await waited_for(on_sqlite)


async def test_an_undoing_takes_back_what_was_put_right(on_sqlite: Database) -> None:
    """With the day that the money has then; its case with it."""
    await submitted(on_sqlite)
    await paid_late_by(on_sqlite, 1, 2)
    item = await entered(on_sqlite, await payment(on_sqlite, 1, received_on=day(4)))
    await corrected(on_sqlite, item, day())
    await proposed(on_sqlite, item.id, undoes=True)
    assert (await confirmed(on_sqlite, item.id)).state is MailItemState.UNDONE
    assert (await days_of_money(on_sqlite), await balance_of(on_sqlite)) == ([], 0)
    assert [one.reason for one in await waiting(on_sqlite)] == [MoneyReason.REVERSED]
