"""Events of files, under the file's lock, once each."""

import asyncio
from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.files import events
from casework.files.states import FileEventKind, FileStatus
from foundation.audit import SERVICE, Actor, audit
from foundation.errors import Code, Refusal
from foundation.sql.database import Database
from tests.support.tasks import submitted


async def say(database: Database, kind: FileEventKind, now: int = 5, key: str | None = None) -> FileStatus:
    async def write(conn: AsyncConnection) -> FileStatus:
        of = await events.history(conn, 1, lock=True)
        by = Actor("agente", "agent")
        return await events.record(
            conn, of, kind, by, now, key=key, on_day=date(2016, 7, 14), reason="Parce que.", n=1
        )

    return await database.write(write)


async def test_an_event_is_written_with_its_line_of_the_audit(database: Database) -> None:
    await submitted(database)
    before = await database.read(lambda conn: events.history(conn, 1))
    assert (before.status, before.events) == (FileStatus.AWAITING_PAYMENT, [])
    assert await say(database, FileEventKind.PAID) is FileStatus.PAID
    after = await database.read(lambda conn: events.history(conn, 1))
    assert after.status is FileStatus.PAID
    (event,) = after.events
    assert (event.kind, event.at, event.actor, event.role) == (FileEventKind.PAID, 5, "agente", "agent")
    assert (event.on_day, event.reason, event.detail) == (date(2016, 7, 14), "Parce que.", {"n": 1})
    assert after.newest(FileEventKind.PAID) == event
    assert after.newest(FileEventKind.DECIDED) is None
    lines = sa.select(sa.func.count()).where(audit.c.act == FileEventKind.PAID)
    assert (await database.read(lambda conn: conn.execute(lines))).scalar_one() == 1


async def test_said_twice_it_is_one_event(database: Database) -> None:
    await submitted(database)
    found = await asyncio.gather(*(say(database, FileEventKind.PAID) for _ in range(5)))
    assert set(found) == {FileStatus.PAID}
    assert len((await database.read(lambda conn: events.history(conn, 1))).events) == 1


async def test_a_kind_with_keys_happens_more_than_once(database: Database) -> None:
    await submitted(database)
    for kind, key in ((FileEventKind.PAID, None), (FileEventKind.AMENDED, "1"), (FileEventKind.AMENDED, "2")):
        await say(database, kind, key=key)
    assert len((await database.read(lambda conn: events.history(conn, 1))).events) == 3


async def test_what_cannot_happen_is_refused_and_writes_nothing(database: Database) -> None:
    await submitted(database)
    with pytest.raises(Refusal) as refused:
        await say(database, FileEventKind.DECIDED)
    assert refused.value.code is Code.MOVE_NOT_ALLOWED
    assert not (await database.read(lambda conn: events.history(conn, 1))).events


async def test_no_file_is_not_found(database: Database) -> None:
    with pytest.raises(Refusal) as refused:
        await database.read(lambda conn: events.history(conn, 99))
    assert refused.value.code is Code.NOT_FOUND


async def test_the_service_is_its_own_role(database: Database) -> None:
    await submitted(database)

    async def write(conn: AsyncConnection) -> FileStatus:
        of = await events.history(conn, 1, lock=True)
        return await events.record(conn, of, FileEventKind.UNPAID_DELETED, SERVICE, 9)

    assert await database.write(write) is FileStatus.UNPAID_DELETED
    (event,) = (await database.read(lambda conn: events.history(conn, 1))).events
    assert (event.actor, event.role) == (SERVICE, SERVICE)
