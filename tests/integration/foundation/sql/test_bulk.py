"""Many rows in one statement, on both stores."""

import sqlalchemy as sa

from foundation.heartbeat import heartbeat
from foundation.sql.bulk import BulkInsert
from foundation.sql.database import Database

INSERT = BulkInsert(heartbeat, ("process", "kind", "beats", "marks", "at"))


def row(process: str) -> dict[str, object]:
    return {"process": process, "kind": "web", "beats": 1, "marks": None, "at": 7, "of no column": 1}


async def stored(database: Database) -> list[tuple[str, int | None]]:
    every = sa.select(heartbeat.c.process, heartbeat.c.at).order_by(heartbeat.c.process)
    return [tuple(one) for one in await database.read(lambda conn: conn.execute(every))]


async def test_rows_are_written_together(database: Database) -> None:
    """None, one, or thousands by the same statement; what a row has beside the columns is left out."""
    rows = [{**row(f"p{number:04}"), "marks": 0} for number in range(3_000)]
    for some in ([], rows[:1], rows[1:]):
        plain = [{name: one[name] for name in ("process", "kind", "beats", "marks", "at")} for one in some]
        await database.write(lambda conn, these=plain: INSERT.execute(conn, these))  # type: ignore[misc]
    assert await stored(database) == [(one["process"], 7) for one in rows]
