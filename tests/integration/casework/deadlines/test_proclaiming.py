"""A day becomes a holiday by two different people (P17)."""

import asyncio
from datetime import date, timedelta

import pytest

from casework.deadlines import proclaiming
from casework.deadlines.proclaiming import EARLIEST_DAYS, LATEST_DAYS, Proclamation
from foundation.audit import Actor
from foundation.calendar.closures import PUBLIC_SERVICE
from foundation.calendar.days import day_of
from foundation.calendar.proclaimed import closures, proclaimed_day
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from foundation.sql.database import Database
from quota.approvals import WAITS_MS
from tests.support.tasks import rows

ANNE, BENOIT, CHLOE = Actor("anne", "operator"), Actor("benoit", "approver"), Actor("chloe", "operator")

NOW = now_ms()

DAY = PUBLIC_SERVICE.next_open(day_of(NOW) + timedelta(days=7))

NAME = "un jour de deuil national"


async def enter(
    database: Database, by: Actor = ANNE, name: str = NAME, now: int = NOW, day: date = DAY
) -> Proclamation:
    return await database.write(lambda conn: proclaiming.enter(conn, day, name, by, now))


async def confirm(
    database: Database, by: Actor = BENOIT, asked_at: int = NOW, now: int = NOW
) -> Proclamation:
    return await database.write(lambda conn: proclaiming.confirm(conn, DAY, asked_at, by, now))


async def refused(work: object, code: Code) -> list[str]:
    """The fields that a refusal with this code names."""
    with pytest.raises(Refusal) as refusal:
        await work  # type: ignore[misc]
    assert refusal.value.code == code
    return [one["name"] for one in refusal.value.fields.get("fields", [])]


async def test_one_enters_and_another_confirms(database: Database) -> None:
    """Its author cannot, however the name is typed; confirmed again nothing changes."""
    await enter(database)
    await refused(confirm(database, Actor(" ANNE ", "operator")), Code.SECOND_PERSON_NEEDED)
    assert (await database.read(closures)).proclaimed == ()
    first = await confirm(database)
    assert (first.author, first.approver) == ("anne", "benoit")
    assert await confirm(database, CHLOE) == first
    assert (await database.read(closures)).why_closed(DAY) == NAME


async def test_two_confirm_at_once_and_it_is_one_holiday(database: Database) -> None:
    await enter(database)
    found = await asyncio.gather(confirm(database, BENOIT), confirm(database, CHLOE))
    assert found[0] == found[1]
    assert len(await rows(database, proclaimed_day.c.day)) == 1


async def test_what_nobody_confirms_within_a_day_is_forgotten(database: Database) -> None:
    """Then another person may enter it as theirs."""
    await enter(database)
    assert await refused(enter(database, CHLOE), Code.INVALID) == ["day"]
    late = NOW + WAITS_MS
    await refused(confirm(database, now=late), Code.NOT_FOUND)
    assert (await enter(database, CHLOE, now=late)).author == "chloe"


async def test_what_was_entered_anew_is_read_again_before_it_is_confirmed(database: Database) -> None:
    """The second person confirms what they saw."""
    await enter(database)
    await enter(database, name="des funérailles nationales", now=NOW + 1)
    assert await refused(confirm(database), Code.INVALID) == ["day"]
    assert (await confirm(database, asked_at=NOW + 1)).name == "des funérailles nationales"


@pytest.mark.parametrize(
    ("day", "name", "fields"),
    [
        (DAY, "", ["name"]),
        (DAY, "x" * 81, ["name"]),
        (DAY, "<b>deuil</b>", ["name"]),
        (day_of(NOW) - timedelta(days=EARLIEST_DAYS + 1), NAME, ["day"]),
        (day_of(NOW) + timedelta(days=LATEST_DAYS + 1), "", ["day", "name"]),
        (DAY + timedelta(days=6 - DAY.weekday()), NAME, ["day"]),  # a Sunday
    ],
)
async def test_what_cannot_be_is_refused_with_its_field(
    database: Database, day: date, name: str, fields: list[str]
) -> None:
    assert await refused(enter(database, name=name, day=day), Code.INVALID) == fields
    assert await rows(database, proclaimed_day.c.day) == []


async def test_a_request_is_taken_back_and_a_holiday_is_not(database: Database) -> None:
    """What was told stays (P13)."""
    drop = proclaiming.drop
    await refused(database.write(lambda conn: drop(conn, DAY, ANNE, NOW)), Code.NOT_FOUND)
    await enter(database)
    await database.write(lambda conn: drop(conn, DAY, ANNE, NOW))
    assert await database.read(proclaiming.every) == []
    await enter(database)
    await confirm(database)
    await refused(database.write(lambda conn: drop(conn, DAY, ANNE, NOW)), Code.MOVE_NOT_ALLOWED)
    (only,) = await database.read(proclaiming.every)
    assert await database.read(lambda conn: proclaiming.find(conn, DAY)) == only
    assert only.is_holiday
    assert only.proclaimed.day == DAY
