"""The journal: copied to SQL once each, then trimmed in Redis."""

import sqlalchemy as sa

from foundation.sql.database import Database
from tests.support.rooms import Hall, hall, make_period
from waitingroom.line import journal
from waitingroom.line.states import JournalKind


async def copied(h: Hall, uid: str) -> list[tuple[str, int, int]]:
    j = journal.journal.c
    rows = await h.db.read(
        lambda conn: conn.execute(
            sa.select(j.kind, j.first, j.last).where(j.period == uid).order_by(j.stream_id)
        )
    )
    return [(row.kind, row.first, row.last) for row in rows]


async def test_what_sql_has_is_trimmed_and_nothing_else(database: Database, redis_url: str) -> None:
    """Two copies, one of them empty; a third finds what came meanwhile."""
    period = await make_period(database)
    async with hall(database, redis_url) as h:
        await h.join("a")
        await h.join("b")
        assert await journal.copy(h.db, h.room.line, period.uid) == 2
        assert await h.room.line.journal(period.uid) == []
        assert await journal.copy(h.db, h.room.line, period.uid) == 0
        await h.join("c")
        assert await journal.copy(h.db, h.room.line, period.uid) == 1
        assert await copied(h, period.uid) == [(JournalKind.JOIN, n, n) for n in (1, 2, 3)]


async def test_an_entry_that_two_tickers_copy_is_there_once(database: Database, redis_url: str) -> None:
    """Both read before either trimmed: unique by epoch and stream id."""
    period = await make_period(database)
    async with hall(database, redis_url) as h:
        await h.join("a")
        read = await h.room.line.journal(period.uid)
        assert await journal.copy(h.db, h.room.line, period.uid) == 1
        slept = h.room.line

        async def before(_uid: str, _count: int = 1000) -> object:
            return read

        slept.journal = before  # type: ignore[method-assign, assignment]
        assert await journal.copy(h.db, slept, period.uid) == 1
        assert await copied(h, period.uid) == [(JournalKind.JOIN, 1, 1)]
