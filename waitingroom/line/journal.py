"""The append-only record of joins and leaves: from the stream in Redis to SQL, for `verify` and the graphs."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.sql.database import Database
from foundation.sql.tables import insert_for, metadata
from waitingroom.line.store import Line

journal = sa.Table(
    "journal",
    metadata,
    sa.Column("period", sa.Text, primary_key=True, comment="period.uid"),
    sa.Column("epoch", sa.Integer, primary_key=True),
    sa.Column("stream_id", sa.Text, primary_key=True, comment="milliseconds by Redis TIME, dash, counter"),
    sa.Column("kind", sa.Text, nullable=False, comment="join, restore or leave"),
    sa.Column("first", sa.BigInteger, nullable=False, comment="number"),
    sa.Column(
        "last", sa.BigInteger, nullable=False, comment="number; several given in one step are one entry"
    ),
)


async def copy(db: Database, line: Line, uid: str) -> int:
    """Copy the stream to SQL, once each by (epoch, stream id), then trim what SQL has. Raises Unavailable."""
    entries = await line.journal(uid)
    if not entries:
        return 0
    rows = [
        {
            "period": uid,
            "epoch": e.epoch,
            "stream_id": e.stream_id,
            "kind": e.kind,
            "first": e.first,
            "last": e.last,
        }
        for e in entries
    ]

    async def keep(conn: AsyncConnection) -> None:
        for start in range(0, len(rows), 200):
            await conn.execute(
                insert_for(conn, journal).values(rows[start : start + 200]).on_conflict_do_nothing()
            )

    await db.write(keep)
    await line.trim(uid, entries[-1].stream_id)
    return len(entries)
