"""Originals that must go back are listed while they lie here, and no longer."""

from casework.checklists import handling
from casework.mailroom.returning.originals import to_give_back
from foundation.calendar.days import day_of
from foundation.clock import now_ms
from foundation.sql.database import Database
from tests.support.casework.lists import CLERK, list_of, listed


async def numbers(db: Database) -> list[int]:
    return [one.number for one in await db.read(to_give_back)]


async def test_an_original_is_listed_from_its_receipt_to_its_return(database: Database) -> None:
    """Not before, not after an undone receipt; a copy never."""
    await listed(database)
    items = (await list_of(database)).items
    original, copy = (next(one.number for one in items if one.give_back is back) for back in (True, False))
    today = day_of(now_ms())
    assert await numbers(database) == []
    for number in (original, copy):
        await database.write(
            lambda conn, number=number: handling.receive_item(conn, 1, number, today, CLERK, now_ms())  # type: ignore[misc]
        )
    (one,) = await database.read(to_give_back)
    assert (one.number, one.file[:2], one.received_on) == (original, "D-", today)
    await database.write(lambda conn: handling.undo_receipt(conn, 1, original, CLERK, now_ms()))
    assert await numbers(database) == []
    await database.write(lambda conn: handling.receive_item(conn, 1, original, today, CLERK, now_ms()))
    assert await numbers(database) == [original]
    await database.write(lambda conn: handling.give_back(conn, 1, original, today, "RN1", CLERK, now_ms()))
    assert await numbers(database) == []
