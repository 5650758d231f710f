"""The record as it is read: by period, person, act and time, in either direction."""

import pytest

from console.record.entries import AT_ONCE, RecordFilter, last_id, names, newest, oldest_first
from foundation import audit
from foundation.audit import Actor
from foundation.clock import now_ms
from foundation.sql.database import Database
from quota.moves import operating
from quota.store import PERIOD
from tests.support.rooms import make_period


async def told(db: Database, wanted: RecordFilter, **more: int) -> list[tuple[str, str]]:
    found = await db.read(lambda conn: newest(conn, wanted, 50, **more))
    return [(line.actor, line.act) for line in found]


async def test_lines_are_chosen(database: Database) -> None:
    """By each part of the filter; looks only where they are asked for; the period by its public name."""
    period = await make_period(database)
    began = now_ms()
    await database.write(lambda conn: operating.pause(conn, period.uid, Actor("agnes", "operator"), began))
    await database.write(
        lambda conn: operating.resume(conn, period.uid, Actor("boris", "operator"), began + 5)
    )
    await database.write(
        lambda conn: audit.record(conn, "agnes", audit.LOOK, None, began + 6, page="journée")
    )
    await database.write(lambda conn: audit.record(conn, "agnes", "sign_in", None, began + 7))
    about = RecordFilter(period_uid=period.uid)
    assert await told(database, about) == [("boris", "resume"), ("agnes", "pause")]
    (line, *_) = await database.read(lambda conn: newest(conn, about, 1))
    assert (line.period, line.subject_kind) == ("essai", PERIOD)
    assert (line.before, line.after) == ({"stand": "paused"}, {"stand": "open"})
    assert await told(database, RecordFilter(actor="agnes")) == [("agnes", "sign_in"), ("agnes", "pause")]
    assert await told(database, RecordFilter(act="resume")) == [("boris", "resume")]
    assert await told(database, RecordFilter(since=began + 5, until=began + 7)) == [("boris", "resume")]
    assert len(await told(database, RecordFilter(looks=True))) == 4
    assert await told(database, RecordFilter(), before=line.id) == [("agnes", "pause")]
    assert await database.read(names) == (
        ["agnes", "boris"],
        ["pause", "resume", "sign_in"],
        [PERIOD],
    )


@pytest.mark.parametrize("count", [0, 1, AT_ONCE + 3])
async def test_all_of_them_oldest_first(on_sqlite: Database, count: int) -> None:
    """However many, without a gap, up to the line that was the last when it began."""

    async def write(conn: object) -> None:
        for n in range(count):
            await audit.record(conn, "agnes", "sign_in", None, n)  # type: ignore[arg-type]

    await on_sqlite.write(write)
    through = await on_sqlite.read(last_id)
    await on_sqlite.write(lambda conn: audit.record(conn, "agnes", "sign_out", None, 1))
    found = [line.at async for some in oldest_first(on_sqlite, RecordFilter(), through) for line in some]
    assert found == list(range(count))


@pytest.mark.parametrize("looks", [True, False])
async def test_pages_and_files_hold_each_line_once(database: Database, looks: bool) -> None:
    """Where looks stand between the acts, and a page goes on behind a line of either stream."""

    async def write(conn: object) -> None:
        for n in range(7):
            await audit.record(conn, "agnes", "sign_in", None, n)  # type: ignore[arg-type]
            await audit.record(conn, "agnes", audit.LOOK, None, n)  # type: ignore[arg-type]

    await database.write(write)
    wanted, through = RecordFilter(looks=looks), await database.read(last_id)
    every = [line.id async for some in oldest_first(database, wanted, through) for line in some]
    assert len(every) == (14 if looks else 7) and every == sorted(every)

    async def behind(before: int | None) -> list[int]:
        lines = await database.read(lambda conn: newest(conn, wanted, 2, before))
        return [line.id for line in lines]

    found = await behind(None)
    while page := await behind(found[-1]):
        found += page
    assert found == every[::-1]
    for before in range(1, through + 2):
        some = await database.read(lambda conn, before=before: newest(conn, wanted, 50, before))  # type: ignore[misc]
        assert [line.id for line in some] == [id for id in every[::-1] if id < before]
