"""Money that waits for a person: opened once, decided once."""

from datetime import date

import pytest

from casework.payments import cases
from casework.payments.states import Instrument, MoneyAct, MoneyReason
from foundation.errors import Code, Refusal
from foundation.sql.database import Database
from tests.support.tasks import submitted


async def opened(database: Database, key: str) -> bool:
    return await database.write(
        lambda conn: cases.open_case(
            conn, 1, MoneyReason.TOO_MUCH, Instrument.BANK_DRAFT, 5, date(2016, 7, 14), 7, key=key
        )
    )


async def test_opened_once_and_decided_once(database: Database) -> None:
    await submitted(database)
    assert [await opened(database, "a"), await opened(database, "a")] == [True, False]
    (case,) = await database.read(cases.waiting)
    assert (case.reason, case.cents, case.on_day, case.opened_at) == ("too_much", 5, date(2016, 7, 14), 7)
    close = lambda conn: cases.close(conn, case, MoneyAct.RETURN, "agathe", "Motif.", 9)  # noqa: E731
    await database.write(close)
    with pytest.raises(Refusal) as refused:
        await database.write(close)
    assert refused.value.code is Code.ALREADY_DECIDED
    assert await database.read(cases.waiting) == []
    assert (await database.read(lambda conn: cases.find(conn, case.id))).act is MoneyAct.RETURN


async def test_one_that_was_a_mistake_is_gone(database: Database) -> None:
    await submitted(database)
    await opened(database, "a")
    case = await database.read(lambda conn: cases.by_key(conn, "a"))
    assert case is not None
    await database.write(lambda conn: cases.withdraw(conn, case))
    assert await database.read(lambda conn: cases.by_key(conn, "a")) is None
    with pytest.raises(Refusal):
        await database.read(lambda conn: cases.find(conn, case.id))
