"""The figures of a day: written a row at a time, read back whole or thinned."""

import sqlalchemy as sa

from evidence import figures
from evidence.figures import DayFigures
from foundation.sql.database import Database
from tests.support.rooms import make_period

T0 = 1_800_000_000_000


async def lay(db: Database, uid: str, count: int) -> None:
    rows = [
        {"period": uid, "at": T0 + 2_000 * n, "waiting": n, "parked": 1, "live_tokens": 2, "accepted": 3, "lapsed": 4,
         "joined": 5}
        for n in range(count)
    ]  # fmt: skip
    await db.write(lambda conn: conn.execute(sa.insert(figures.figure), rows))


async def test_the_last_rows_come_oldest_first(database: Database) -> None:
    """As many as asked for, from an instant on, of this period alone."""
    period, other = await make_period(database), await make_period(database, id="autre", uid="another")
    await lay(database, period.uid, 10)
    await lay(database, other.uid, 3)
    found = await database.read(lambda conn: figures.rows(conn, period.uid, T0 + 4_000, 5))
    assert [row.waiting for row in found] == [5, 6, 7, 8, 9]
    late = await database.read(lambda conn: figures.rows(conn, period.uid, T0 + 16_000))
    assert [row.waiting for row in late] == [8, 9]


async def test_a_graph_gets_the_last_row_of_each_step(database: Database) -> None:
    """As many as it can show; the newest is among them."""
    period = await make_period(database)
    await lay(database, period.uid, 20)
    found = await database.read(lambda conn: figures.thinned(conn, period.uid, T0, 10_000))
    assert [row.waiting for row in found] == [4, 9, 14, 19]


def test_a_row_is_shown_with_its_instant() -> None:
    """RFC 3339, beside the figures as they are."""
    assert figures.shown(DayFigures(at=T0, waiting=7)) == {
        "at": "2027-01-15T08:00:00.000Z", "waiting": 7, "parked": 0, "live_tokens": 0, "accepted": 0, "lapsed": 0,
        "joined": 0,
    }  # fmt: skip
