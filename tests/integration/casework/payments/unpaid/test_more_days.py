"""New days to pay for a payment that was sent back by a wrong day: by two people, told, and payable again at once."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.files import events
from casework.files.states import FileEventKind, FileStatus
from casework.payments import cases, deciding
from casework.payments.states import Instrument, MoneyAct, MoneyReason, acts_of
from casework.payments.supplements import ending as lapsing
from casework.payments.supplements.rows import SupplementState
from casework.payments.unpaid import ending, more_days
from casework.payments.unpaid.clock import UnpaidStep
from evidence import verify
from evidence.money.recount_money import money_adds_up
from evidence.money.recount_supplements import supplements_add_up
from foundation.audit import Actor
from foundation.calendar.days import day_of, end_of_day
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from foundation.sql.database import Database
from submission.follow_up import FollowUp
from submission.pay_by import pay_by
from submission.store import submission
from tests.support.candidates.paying import (
    AGENT,
    FEE,
    PAYMENTS,
    came_by_post,
    last_day,
    move_money,
    status_of_file,
    titles_of,
)
from tests.support.casework.file_events import happened
from tests.support.casework.supplements import EXTRA, asked, supplements_of
from tests.support.tasks import EFFECTS, about, submitted

OTHER = Actor("boris", "agent")


async def wronged(database: Database) -> date:
    """A file that was not paid in time by the books, with a payment that had come in time and has left the house; the
    last day as it was."""
    await submitted(database)
    begun = now_ms() - 60 * 86_400_000
    await database.write(lambda conn: EFFECTS[FollowUp.PAYMENT_WATCH](conn, about(1), begun))
    past = end_of_day(day_of(now_ms()) - timedelta(days=30))
    await database.write(lambda conn: conn.execute(sa.update(submission).values(pay_by=past)))
    was = day_of(past)
    reason, one = MoneyReason.MISDATED, Instrument.BANK_DRAFT
    await database.write(
        lambda conn: cases.open_case(conn, 1, reason, one, FEE, was, now_ms(), key="item:1:redated:1")
    )
    return was


async def decide(database: Database, by: Actor, act: MoneyAct = MoneyAct.MORE_DAYS) -> bool:
    case = next(one for one in await database.read(cases.waiting) if one.reason is MoneyReason.MISDATED)
    made = await database.write(
        lambda conn: deciding.decide(conn, PAYMENTS, case.id, act, "Mal daté.", by, now_ms())
    )
    return made.waits


async def test_two_people_give_them_and_the_file_can_be_paid(database: Database) -> None:
    """One alone changes nothing; then the last day, its event, the letter; a payment of today is in time."""
    was = await wronged(database)
    assert await decide(database, AGENT) is True
    assert await last_day(database) == was
    with pytest.raises(Refusal) as refused:
        await decide(database, AGENT)
    assert refused.value.code is Code.SECOND_PERSON_NEEDED
    assert await decide(database, OTHER) is False
    until = day_of(pay_by(now_ms(), 30))
    assert await last_day(database) >= until > was
    (event,) = (await database.read(lambda conn: events.history(conn, 1))).events
    assert (event.kind, event.actor, event.detail["from_day"]) == (
        FileEventKind.DEADLINE_MOVED, "boris", was.isoformat()
    )  # fmt: skip
    assert (await titles_of(database))[0] == ["Décision sur un paiement reçu"]
    step = await database.write(lambda conn: ending.end(conn, PAYMENTS, 1, now_ms()))
    assert step is UnpaidStep.WAIT
    await came_by_post(database, FEE)
    assert await status_of_file(database) is FileStatus.PAID
    assert money_adds_up(await verify.read(database, "essai")) == []


async def test_without_them_the_deletion_goes_on_once_it_is_left(database: Database) -> None:
    """Twin: what only the case held back is deleted."""
    await wronged(database)
    assert await database.write(lambda conn: ending.end(conn, PAYMENTS, 1, now_ms())) is UnpaidStep.HELD
    await decide(database, AGENT, MoneyAct.LEAVE)
    await came_by_post(database, FEE)
    assert await status_of_file(database) is FileStatus.AWAITING_PAYMENT
    assert await database.write(lambda conn: ending.end(conn, PAYMENTS, 1, now_ms())) is UnpaidStep.DELETE


async def test_a_card_that_paid_late_is_in_time_by_them(database: Database) -> None:
    """It pays at once, and nobody has to decide of it any more."""
    await wronged(database)
    await database.write(lambda conn: move_money(conn, FEE, "card:late"))
    for by in (AGENT, OTHER):
        await decide(database, by)
    assert await status_of_file(database) is FileStatus.PAID
    assert await database.read(cases.waiting) == []
    assert money_adds_up(await verify.read(database, "essai")) == []


async def test_only_a_file_whose_payment_is_awaited_gets_them(database: Database) -> None:
    await wronged(database)
    await happened(database, 1, FileEventKind.UNPAID_DELETED)
    with pytest.raises(Refusal) as refused:
        await decide(database, AGENT)
    assert refused.value.code is Code.MOVE_NOT_ALLOWED
    left = MoneyAct.LEAVE
    for status in (FileStatus.UNPAID_DELETED, FileStatus.PAID, FileStatus.REVERSED):
        assert acts_of(MoneyReason.MISDATED, status) == (left,)

    async def give(conn: AsyncConnection) -> None:
        of = await events.history(conn, 1, lock=True)
        await more_days.give(conn, PAYMENTS, of, AGENT, now_ms(), key="x", why="x")

    with pytest.raises(Refusal):
        await database.write(give)


async def test_a_day_that_was_told_never_moves_back(database: Database) -> None:
    await wronged(database)
    later = end_of_day(day_of(now_ms()) + timedelta(days=90))
    await database.write(lambda conn: conn.execute(sa.update(submission).values(pay_by=later)))
    found = await database.read(lambda conn: more_days.look(conn, PAYMENTS, 1, now_ms()))
    assert found.until == day_of(later)
    await decide(database, AGENT)
    await decide(database, OTHER)
    assert await last_day(database) == day_of(later)


async def wronged_supplement(database: Database) -> None:
    """An amendment whose fee is awaited after its last day, with a payment of it that had come in time and left."""
    one = await asked(database, now_ms() - 80 * 86_400_000)
    reason, by = MoneyReason.MISDATED, Instrument.BANK_DRAFT
    await database.write(
        lambda conn: cases.open_case(
            conn, 1, reason, by, EXTRA, one.last_day, now_ms(), key="item:1:redated:1"
        )
    )


async def lapse(database: Database) -> UnpaidStep:
    return await database.write(lambda conn: lapsing.end(conn, PAYMENTS, 1, now_ms()))


async def test_the_fee_of_an_amendment_gets_them_too(database: Database) -> None:
    """It does not lapse while two people decide; then its deadline moved, and what comes is in time."""
    await wronged_supplement(database)
    assert await lapse(database) is UnpaidStep.HELD
    was = (await supplements_of(database))[0].last_day
    assert await decide(database, AGENT) is True
    assert await decide(database, OTHER) is False
    (one,) = await supplements_of(database)
    assert one.last_day >= day_of(pay_by(now_ms(), 30)) > was
    event = (await database.read(lambda conn: events.history(conn, 1))).events[-1]
    assert (event.kind, event.detail["deadline"]) == (FileEventKind.DEADLINE_MOVED, "supplement:1")
    assert await lapse(database) is UnpaidStep.WAIT
    await came_by_post(database, EXTRA)
    assert [found.state for found in await supplements_of(database)] == [SupplementState.PAID]
    books = await verify.read(database, "essai")
    assert [*money_adds_up(books), *supplements_add_up(books)] == []


async def test_left_it_lapses(database: Database) -> None:
    """Twin: what only the case held back is over."""
    await wronged_supplement(database)
    await decide(database, AGENT, MoneyAct.LEAVE)
    assert await lapse(database) is UnpaidStep.DELETE
