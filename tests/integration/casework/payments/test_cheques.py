"""A refund by cheque: owed by a decision, issued once, with its letter, in the daily list and in the recount."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from casework.payments import cases, cheques, deciding
from casework.payments.cheques import RefundCheque, TypedCheque
from casework.payments.states import Instrument, MoneyAct, MoneyReason
from casework.payments.store import refund_cheque
from evidence import verify
from evidence.money import recount_money
from foundation import audit
from foundation.calendar.days import day_of
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from foundation.sql.database import Database
from tests.integration.casework.payments.test_deciding import paid_by_card
from tests.support.candidates.paying import AGENT, FEE, PAYMENTS, balance_of, came_by_post, titles_of
from tests.support.tasks import rows, submitted


async def accepted(database: Database, number: int = 1) -> int:
    """A surplus of five dollars that is to be refunded; its case."""
    await came_by_post(database, FEE + 500, key=f"item:{number}", number=number)
    case = next(one for one in await database.read(cases.waiting) if one.submission == number)
    await decide(database, MoneyAct.ACCEPT, case.id)
    return case.id


async def decide(database: Database, act: MoneyAct, case: int) -> None:
    await database.write(lambda conn: deciding.decide(conn, PAYMENTS, case, act, "Motif.", AGENT, now_ms()))


async def issue(database: Database, case: int, number: str = "A-1", ago: int = 0) -> RefundCheque:
    typed = TypedCheque(number, day_of(now_ms()) - timedelta(days=ago))
    return await database.write(lambda conn: cheques.issue(conn, PAYMENTS, case, typed, AGENT, now_ms()))


async def broken(database: Database) -> list[str]:
    return [str(one) for one in recount_money.money_adds_up(await verify.read(database, "essai"))]


async def test_a_surplus_goes_back_by_a_cheque_of_its_own(database: Database) -> None:
    await submitted(database)
    case = await accepted(database)
    assert await balance_of(database) == FEE and await broken(database) == []
    assert [(one.case, one.cents) for one in await database.read(cheques.owed)] == [(case, 500)]
    first, again = await issue(database, case), await issue(database, case)
    assert first == again and (first.number, first.issued_by) == ("A-1", "agathe")
    assert await database.read(cheques.owed) == []
    letters, told = await titles_of(database)
    assert letters.count(cheques.TITLE) == told.count(cheques.TITLE) == 1
    a = audit.a.c
    assert [row[1] for row in await rows(database, a.id, a.act) if row[1] == cheques.ISSUED] == [
        cheques.ISSUED
    ]
    day = await database.read(lambda conn: cheques.of_day(conn, day_of(now_ms())))
    assert (day.decided, day.decided_cents, day.issued_cents, day.owed) == (1, 500, 500, 0)


async def test_without_its_row_the_recount_says_so(database: Database) -> None:
    """Twin: money that left without a cheque on record is found."""
    await submitted(database)
    await accepted(database)
    await database.write(lambda conn: conn.execute(sa.delete(refund_cheque)))
    assert any("no cheque" in one for one in await broken(database))


async def test_what_cannot_be_is_refused(database: Database) -> None:
    """Another number for the same, one number for two, and a day before the decision."""
    await submitted(database, 2)
    one, other = await accepted(database), await accepted(database, 2)
    with pytest.raises(Refusal) as refused:
        await issue(database, one, ago=1)
    assert refused.value.code is Code.INVALID
    await issue(database, one)
    for case, number, code in (
        (one, "A-2", Code.ALREADY_DECIDED),
        (other, "A-1", Code.INVALID),
        (99, "A-3", Code.NOT_FOUND),
    ):
        with pytest.raises(Refusal) as refused:
            await issue(database, case, number)
        assert refused.value.code is code
    day = await database.read(lambda conn: cheques.of_day(conn, day_of(now_ms())))
    assert (day.decided, len(day.issued), day.owed, day.owed_cents) == (2, 1, 1, 500)


async def test_what_a_card_does_not_take_goes_by_cheque(database: Database) -> None:
    """The money has left the charge: it cannot go back to the card besides."""
    await submitted(database)
    await database.write(paid_by_card)
    await database.write(
        lambda conn: cases.open_case(
            conn, 1, MoneyReason.REFUND_REFUSED, Instrument.CARD, 500, date(2026, 9, 1), 5, key="refused"
        )
    )
    (case,) = await database.read(cases.waiting)
    await decide(database, MoneyAct.CHEQUE, case.id)
    assert await balance_of(database) == FEE - 500
    assert [one.cents for one in await database.read(cheques.owed)] == [500]
    assert await broken(database) == []


@pytest.mark.parametrize(
    ("number", "day", "wrong"),
    [("", date(2026, 9, 1), ["number"]), ("A_1", date(2026, 9, 1), ["number"]),
     ("1" * 21, date(2026, 9, 1), ["number"]),
     ("a 1", None, ["issued_on"]), ("a1", date(2026, 9, 2), ["issued_on"]), ("", None, ["number", "issued_on"])],
)  # fmt: skip
def test_each_wrong_field_is_named(number: str, day: date | None, wrong: list[str]) -> None:
    with pytest.raises(Refusal) as refused:
        cheques.read(number, day, date(2026, 9, 1))
    assert [one["name"] for one in refused.value.fields["fields"]] == wrong
    assert cheques.read(" a 1 ", date(2026, 9, 1), date(2026, 9, 1)).number == "A1"
