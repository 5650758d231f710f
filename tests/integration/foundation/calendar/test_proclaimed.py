"""Days that were proclaimed: a holiday from the commit of the second person on, for whoever asks."""

from datetime import date

import pytest
import sqlalchemy as sa

from foundation.calendar.closures import CalendarKind, Closures, ProclaimedDay
from foundation.calendar.proclaimed import closures, proclaimed_day
from foundation.sql.database import Database

MOURNING = ProclaimedDay(date(2026, 9, 21), "un jour de deuil national")


async def write(database: Database, statement: sa.Executable) -> None:
    await database.write(lambda conn: conn.execute(statement))


async def test_a_day_counts_once_two_people_want_it(database: Database) -> None:
    """A request is no holiday; nothing is kept in the process, so the next transaction knows it."""
    row = {"day": "2026-09-21", "name": MOURNING.name, "author": "a", "asked_at": 1}
    assert await database.read(closures) == Closures()
    await write(database, sa.insert(proclaimed_day).values(row))
    assert await database.read(closures) == Closures()
    await write(database, sa.update(proclaimed_day).values(approver="b", approved_at=2))
    assert await database.read(closures) == Closures(proclaimed=(MOURNING,))
    act = CalendarKind.INTERPRETATION_ACT
    assert not (await database.read(lambda conn: closures(conn, act))).is_open(MOURNING.day)


async def test_one_person_alone_makes_no_holiday(database: Database) -> None:
    """The table itself refuses it."""
    row = {"day": "2026-09-21", "name": "x", "author": "a", "asked_at": 1, "approver": "a", "approved_at": 1}
    with pytest.raises(sa.exc.IntegrityError, match="two_people"):
        await write(database, sa.insert(proclaimed_day).values(row))
