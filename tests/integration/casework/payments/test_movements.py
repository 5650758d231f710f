"""Movements in SQL: once a key, never another's."""

import pytest

from casework.payments import movements
from casework.payments.states import Instrument, MovementKind
from foundation.audit import SERVICE
from foundation.calendar.days import day_of
from foundation.errors import Code, Refusal
from foundation.sql.database import Database
from tests.support.candidates.paying import FEE
from tests.support.tasks import submitted

TODAY = day_of(1_800_000_000_000)


async def add(database: Database, cents: int, key: str, number: int = 1) -> bool:
    return await database.write(
        lambda conn: movements.add(
            conn, number, MovementKind.IN, Instrument.CARD, cents, TODAY, SERVICE, 5, key=key, charge="ch_1"
        )
    )


async def test_told_twice_it_is_one_movement(database: Database) -> None:
    await submitted(database, 2)
    assert [await add(database, FEE, "card:1"), await add(database, FEE, "card:1")] == [True, False]
    (one,) = await database.read(lambda conn: movements.of_file(conn, 1))
    assert (one.cents, one.on_day, one.charge, one.at) == (FEE, TODAY, "ch_1", 5)
    for cents, number in ((FEE - 1, 1), (FEE, 2)):
        with pytest.raises(Refusal) as refused:
            await add(database, cents, "card:1", number)
        assert refused.value.code is Code.INVALID
    assert await database.read(lambda conn: movements.of_file(conn, 2)) == []


@pytest.mark.parametrize(
    ("cents", "number", "code"), [(0, 1, Code.INVALID), (-5, 1, Code.INVALID), (5, 9, Code.NOT_FOUND)]
)
async def test_no_money_and_no_file_are_refused(
    database: Database, cents: int, number: int, code: Code
) -> None:
    await submitted(database)
    with pytest.raises(Refusal) as refused:
        await add(database, cents, "x", number)
    assert refused.value.code is code
