"""Acts that take two different people: what one asks for waits a day for another, and the table holds who they were."""

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.errors import Code
from foundation.sql.database import Database
from foundation.subjects import Subject
from quota import approvals
from quota.approvals import WAITS_MS

PERIOD = Subject("period", "p1")

NOW = 1_000_000


async def test_what_is_asked_for_waits_for_another_person(database: Database) -> None:
    """Of this subject and act alone, for a day; approved, it waits no longer."""
    await database.write(
        lambda conn: approvals.ask(conn, PERIOD, "annul", " Agnes", "ouverte par accident", NOW)
    )
    asked = await database.read(lambda conn: approvals.waiting(conn, PERIOD, "annul", NOW))
    assert asked is not None
    assert (asked.author, asked.reason, asked.asked_at) == ("agnes", "ouverte par accident", NOW)

    async def others(conn: AsyncConnection) -> list[object]:
        return [
            await approvals.waiting(conn, Subject("period", "p2"), "annul", NOW),
            await approvals.waiting(conn, PERIOD, "arm", NOW),
            await approvals.waiting(conn, PERIOD, "annul", NOW + WAITS_MS),
        ]

    assert await database.read(others) == [None, None, None]
    await database.write(lambda conn: approvals.approve(conn, asked, "boris", NOW + 1))
    assert await database.read(lambda conn: approvals.waiting(conn, PERIOD, "annul", NOW)) is None


async def test_nobody_approves_what_they_asked_for(database: Database) -> None:
    """Not even where the code that calls this forgot to look: the table refuses."""
    await database.write(lambda conn: approvals.ask(conn, PERIOD, "annul", "agnes", None, NOW))
    asked = await database.read(lambda conn: approvals.waiting(conn, PERIOD, "annul", NOW))
    assert asked is not None
    with pytest.raises(IntegrityError):
        await database.write(lambda conn: approvals.approve(conn, asked, "AGNES ", NOW + 1))
    with pytest.raises(IntegrityError):
        await database.write(lambda conn: approvals.done_by_two(conn, PERIOD, "arm", "agnes", "Agnes", NOW))


def test_two_spellings_are_one_person() -> None:
    """And nobody is the same as nobody."""
    assert approvals.is_same("agnes", " AGNES")
    assert not approvals.is_same("agnes", "boris")
    assert not approvals.is_same(None, "agnes")
    refusal = approvals.second_person_needed("agnes", "arm")
    assert (refusal.code, refusal.fields) == (
        Code.SECOND_PERSON_NEEDED,
        {"author": "agnes", "act": "arm"},
    )
