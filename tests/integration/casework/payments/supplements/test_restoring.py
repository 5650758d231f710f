"""A lapsed amendment comes back once, where the payment of its fee had come in time (PM-01, ADR 0037)."""

from datetime import date, timedelta

import msgspec
import pytest

from casework.files.numbers import file_number
from casework.files.states import FileEventKind as K
from casework.mailroom.correcting.redating import RedatingStep
from casework.mailroom.entries import TypedMail
from casework.mailroom.items import RegisteredItem
from casework.mailroom.returning import returns
from casework.mailroom.states import MailItemState
from casework.payments import cases, deciding, receiving
from casework.payments.postal import FileMoney, PostalJudgement, PostalPayment, PostalVerdict, judge
from casework.payments.states import MoneyAct, MoneyReason
from casework.payments.supplements import ending, giving_up
from casework.payments.supplements.rows import SupplementState
from casework.payments.unpaid.clock import UnpaidStep
from evidence import verify
from evidence.money.recount_money import money_adds_up
from evidence.money.recount_supplements import supplements_add_up
from foundation.audit import Actor
from foundation.calendar.days import day_of
from foundation.clock import now_ms
from foundation.sql.database import Database
from submission.pay_by import pay_by
from tests.integration.casework.mailroom.correcting.test_corrections import confirmed, proposed, shown
from tests.integration.casework.mailroom.correcting.test_redating import state_of
from tests.support.candidates.paying import AGENT, PAYMENTS, titles_of
from tests.support.casework.mail import CLAIRE, SERVICES, entered, typed
from tests.support.casework.supplements import ask, asked, kinds_of, supplements_of

OTHER = Actor("boris", "agent")

DAY_MS = 86_400_000


def mail(on: date, amount: str = "176,00", **more: str) -> TypedMail:
    """A payment of a child's fee, received on this day."""
    values = {"instrument": "bank_draft", "amount": amount, "received_on": on.isoformat()} | more
    return typed(file_number(1), "payment", **values)


async def last_day(db: Database) -> date:
    return (await supplements_of(db))[0].last_day


async def lapse(db: Database) -> UnpaidStep:
    return await db.write(lambda conn: ending.end(conn, PAYMENTS, 1, now_ms()))


async def late(db: Database) -> RegisteredItem:
    """A payment that was taken as late by a day, and the amendment that it was of has lapsed."""
    await asked(db, now_ms() - 80 * DAY_MS)
    item = await entered(db, mail(await last_day(db) + timedelta(days=1)))
    assert item.state is MailItemState.TO_RETURN
    assert await lapse(db) is UnpaidStep.DELETE
    return item


async def corrected(db: Database, item: RegisteredItem, on: date) -> RedatingStep | None:
    await proposed(db, item.id, received_on=on.isoformat())
    step = (await shown(db, item.id)).step
    await confirmed(db, item.id)
    return step


async def states(db: Database) -> list[SupplementState]:
    return [one.state for one in await supplements_of(db)]


async def recounted(db: Database) -> list[object]:
    books = await verify.read(db, "essai")
    return [*money_adds_up(books), *supplements_add_up(books)]


async def test_what_is_in_the_house_pays_it_by_its_right_day(database: Database) -> None:
    """Shown before, as an event, with its letter and that of the payment; once."""
    item = await late(database)
    await proposed(database, item.id, received_on=(await last_day(database)).isoformat())
    after = (await shown(database, item.id)).after
    assert after is not None and any("elle est rétablie" in said for said in after.says)
    await confirmed(database, item.id)
    assert await states(database) == [SupplementState.PAID]
    assert (await kinds_of(database))[-3:] == [K.AMENDMENT_LAPSED, K.AMENDMENT_RESTORED, K.SUPPLEMENT_PAID]
    letters, _ = await titles_of(database)
    assert letters.count("Modification rétablie") == 1
    assert letters.count("Confirmation de paiement d’une modification") == 1
    assert await state_of(database, item) is MailItemState.ACCEPTED
    assert await recounted(database) == []
    assert await lapse(database) is UnpaidStep.NOTHING


async def test_without_looking_at_the_lapsed_one_it_stays_lapsed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: money that had come in time goes back a second time."""

    def careless(payment: PostalPayment, of: FileMoney | None) -> PostalJudgement:
        return judge(payment, None if of is None else msgspec.structs.replace(of, restorable=False))

    monkeypatch.setattr(receiving, "judge", careless)
    item = await late(database)
    await corrected(database, item, await last_day(database))
    assert (await states(database), await state_of(database, item)) == (
        [SupplementState.LAPSED], MailItemState.TO_RETURN,
    )  # fmt: skip


async def test_another_late_day_brings_nothing_back(on_sqlite: Database) -> None:
    item = await late(on_sqlite)
    await corrected(on_sqlite, item, await last_day(on_sqlite) + timedelta(days=2))
    assert await states(on_sqlite) == [SupplementState.LAPSED]


async def misdated(db: Database) -> MoneyReason:
    """The payment has left the house; its day is put right."""
    item, today = await late(db), day_of(now_ms())
    await db.write(lambda conn: returns.send_back(conn, SERVICES, item.id, "RN1", today, CLAIRE, now_ms()))
    assert await corrected(db, item, await last_day(db)) is RedatingStep.SENT_BACK
    (case,) = await db.read(cases.waiting)
    return case.reason


async def decide(db: Database, act: MoneyAct, *by: Actor) -> None:
    (case,) = [one for one in await db.read(cases.waiting) if one.reason is MoneyReason.MISDATED]
    for who in by:
        await db.write(
            lambda conn, who=who: deciding.decide(conn, PAYMENTS, case.id, act, "Mal daté.", who, now_ms())  # type: ignore[misc]
        )


async def test_two_people_give_new_days_to_one_that_had_lapsed(database: Database) -> None:
    """It is awaited again, with a new last day and one letter that says both; what comes within it pays it."""
    assert await misdated(database) is MoneyReason.MISDATED
    was = await last_day(database)
    await decide(database, MoneyAct.MORE_DAYS, AGENT, OTHER)
    assert await states(database) == [SupplementState.AWAITED]
    assert await last_day(database) >= day_of(pay_by(now_ms(), 30)) > was
    assert (await kinds_of(database))[-2:] == [K.AMENDMENT_RESTORED, K.DEADLINE_MOVED]
    assert (await titles_of(database))[0].count("Décision sur un paiement reçu") == 1
    assert await lapse(database) is UnpaidStep.WAIT
    await entered(database, mail(day_of(now_ms()), reason="un autre envoi"))
    assert await states(database) == [SupplementState.PAID]
    assert await recounted(database) == []


async def test_left_it_stays_lapsed(on_sqlite: Database) -> None:
    await misdated(on_sqlite)
    await decide(on_sqlite, MoneyAct.LEAVE, AGENT)
    assert await states(on_sqlite) == [SupplementState.LAPSED]
    assert K.AMENDMENT_RESTORED not in await kinds_of(on_sqlite)


async def test_the_whole_fee_sent_again_is_not_simply_late(database: Database) -> None:
    """While nobody has decided of the first one: the same person does; accepted it pays, and nobody is asked more."""
    await misdated(database)
    again = await entered(database, mail(day_of(now_ms()), reason="un autre envoi"))
    assert again.state is MailItemState.MATCHED
    waits = next(one for one in await database.read(cases.waiting) if one.reason is MoneyReason.LATE)
    await database.write(
        lambda conn: deciding.decide(conn, PAYMENTS, waits.id, MoneyAct.ACCEPT, "Vu.", AGENT, now_ms())
    )
    assert (await states(database), await database.read(cases.waiting)) == ([SupplementState.PAID], [])
    assert await recounted(database) == []


async def test_what_is_entered_only_now_and_came_in_time_counts(on_sqlite: Database) -> None:
    """Mail that was mislaid: the day of the reception counts, as everywhere."""
    await asked(on_sqlite, now_ms() - 80 * DAY_MS)
    await lapse(on_sqlite)
    item = await entered(on_sqlite, mail(await last_day(on_sqlite)))
    assert (item.state, await states(on_sqlite)) == (MailItemState.ACCEPTED, [SupplementState.PAID])


async def test_more_than_the_fee_brings_it_back_and_waits_for_a_person(on_sqlite: Database) -> None:
    """Returned, it lapses again with its own event, and may come back again."""
    await asked(on_sqlite, now_ms() - 80 * DAY_MS)
    await lapse(on_sqlite)
    on = await last_day(on_sqlite)
    await entered(on_sqlite, mail(on, "180,00"))
    assert await states(on_sqlite) == [SupplementState.AWAITED]
    assert await lapse(on_sqlite) is UnpaidStep.HELD
    (case,) = await on_sqlite.read(cases.waiting)
    await on_sqlite.write(
        lambda conn: deciding.decide(conn, PAYMENTS, case.id, MoneyAct.RETURN, "Vu.", AGENT, now_ms())
    )
    assert await lapse(on_sqlite) is UnpaidStep.DELETE
    await entered(on_sqlite, mail(on, reason="un autre envoi"))
    assert await states(on_sqlite) == [SupplementState.PAID]
    assert (await kinds_of(on_sqlite)).count(K.AMENDMENT_RESTORED) == 2
    assert await recounted(on_sqlite) == []


async def test_what_was_given_up_does_not_come_back(on_sqlite: Database) -> None:
    """Its candidate wanted it so; the correction changes the day and nothing else."""
    await asked(on_sqlite, now_ms() - 80 * DAY_MS)
    item = await entered(on_sqlite, mail(await last_day(on_sqlite) + timedelta(days=1)))
    owner = Actor("essai-00001", "candidate")
    await on_sqlite.write(lambda conn: giving_up.give_up(conn, PAYMENTS, 1, 1, owner, now_ms()))
    await corrected(on_sqlite, item, await last_day(on_sqlite))
    assert await states(on_sqlite) == [SupplementState.GIVEN_UP]
    payment = PostalPayment(instrument=None, cents=1, received_on=await last_day(on_sqlite))
    found = await on_sqlite.read(lambda conn: receiving.look(conn, PAYMENTS, 1, payment))
    assert found.verdict is PostalVerdict.OTHER_INSTRUMENT


async def test_one_that_another_has_followed_stays_lapsed(on_sqlite: Database) -> None:
    """The change was told again, and that one is awaited: a person would be added twice."""
    item = await late(on_sqlite)
    await on_sqlite.write(lambda conn: ask(conn, serial=2))
    await corrected(on_sqlite, item, await last_day(on_sqlite))
    assert await states(on_sqlite) == [SupplementState.LAPSED, SupplementState.AWAITED]
