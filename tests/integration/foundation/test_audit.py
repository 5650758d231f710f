"""The audit on both stores: a line in the transaction of its act, two streams, looks forgotten from the oldest end."""

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation import audit
from foundation.audit import Actor
from foundation.clock import now_ms
from foundation.sql.database import Database
from foundation.subjects import Subject

NOW = 1_800_000_000_000

PERIOD = Subject("period", "u1")


async def acts(db: Database) -> list[str]:
    rows = await db.read(lambda conn: conn.execute(sa.select(audit.audit.c.act).order_by(audit.audit.c.id)))
    return list(rows.scalars())


async def test_a_line_goes_with_its_act(database: Database) -> None:
    """What is undone leaves no line; what is committed leaves one."""

    async def undone(conn: AsyncConnection) -> None:
        await audit.record(conn, Actor("agnes"), "pause", PERIOD, NOW)
        raise KeyError("undone")

    with pytest.raises(KeyError):
        await database.write(undone)
    await database.write(lambda conn: audit.record(conn, Actor("agnes"), "resume", PERIOD, now_ms()))
    assert await acts(database) == ["resume"]


async def test_looks_have_a_stream_of_their_own(database: Database) -> None:
    """So that forgetting them leaves the acts whole."""
    for act in ("pause", audit.LOOK, "resume"):
        await database.write(lambda conn, act=act: audit.record(conn, Actor("agnes"), act, PERIOD, NOW))  # type: ignore[misc]
    rows = await database.read(lambda conn: conn.execute(sa.select(audit.audit)))
    streams = {row.act: (row.stream, row.sequence) for row in rows}
    assert streams["pause"][0] == streams["resume"][0] != streams[audit.LOOK][0]
    assert (streams["pause"][1], streams["resume"][1], streams[audit.LOOK][1]) == (1, 2, 1)
