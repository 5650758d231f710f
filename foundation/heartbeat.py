"""Which processes are alive: each writes a heartbeat row that counts up, and reads the others' by change.

Instants of two hosts are never compared: a process is alive while its count was seen to move lately, by this process's
own steady clock. So a host whose clock is an hour off is neither dead nor immortal."""

import asyncio
import os
import secrets
import socket
import time
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.clock import now_ms
from foundation.sql.database import Database
from foundation.sql.tables import insert_for, metadata

heartbeat = sa.Table(
    "heartbeat",
    metadata,
    sa.Column("process", sa.Text, primary_key=True, comment="kind, host, pid and a random part"),
    sa.Column("kind", sa.Text, nullable=False, comment="web, ticker or worker"),
    sa.Column(
        "beats", sa.BigInteger, nullable=False, comment="goes up while alive; read by change, not by clock"
    ),
    sa.Column("marks", sa.BigInteger, nullable=False, default=0, comment="presence marks that Redis took"),
    sa.Column("at", sa.BigInteger, nullable=False, comment="instant by its own clock, for cleaning up"),
)

ALIVE_SECONDS = 6.0
"""Three beats of two seconds."""

FORGOTTEN_SECONDS = 3_600.0
"""A row that this process has not seen move for so long is taken away."""


class Heartbeat:
    """This process's heartbeat, and what it knows of the others'."""

    def __init__(self, db: Database, kind: str) -> None:
        self._db, self._kind = db, kind
        self.process = f"{kind}-{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        self.marks = 0
        self._since: float | None = None
        self._still: dict[str, tuple[int, float]] = {}
        self._moved: dict[str, tuple[str, int, float, int, float]] = {}

    async def beat(self) -> None:
        """Write this process's heartbeat and read the others'. Raises Unavailable."""
        rows = await self._db.write(self._beat)
        self._since = self._since or time.monotonic()
        now, before, self._moved = time.monotonic(), self._moved, {}
        self._still = {
            process: self._still[process] if self._still.get(process, (0, 0.0))[0] == beats else (beats, now)
            for process, _kind, beats, _marks in rows
        }
        for process, kind, beats, marks in rows:
            known = before.get(process)
            beats_at = known[2] if known and known[1] == beats else (now if known else -ALIVE_SECONDS)
            marks_at = known[4] if known and known[3] == marks else (now if known else -ALIVE_SECONDS)
            self._moved[process] = (kind, beats, beats_at, marks, marks_at)

    def has_listened(self) -> bool:
        """Has this process heard the others for long enough to know who is alive?"""
        return self._since is not None and time.monotonic() - self._since > ALIVE_SECONDS

    def alive(self, kind: str) -> bool:
        """Was a process of this kind (this one included) seen to beat lately?"""
        since = time.monotonic() - ALIVE_SECONDS
        return any(row[0] == kind and row[2] > since for row in self._moved.values())

    def age(self, kind: str) -> float:
        """Seconds since a process of this kind was last seen to beat; infinite where none was."""
        seen = max((row[2] for row in self._moved.values() if row[0] == kind), default=0.0)
        return time.monotonic() - seen if seen > 0 else float("inf")

    def others_mark(self) -> bool:
        """Does another process mark its people present?"""
        since = time.monotonic() - ALIVE_SECONDS
        return any(name != self.process and row[4] > since for name, row in self._moved.items())

    async def stop(self) -> None:
        """Take this process's row away: it is not dead, it is done."""
        await self._db.write(self._remove)

    async def _beat(self, conn: AsyncConnection) -> list[tuple[str, str, int, int]]:
        row = {"process": self.process, "kind": self._kind, "beats": 1, "marks": self.marks, "at": now_ms()}
        insert = insert_for(conn, heartbeat).values(row)
        beats = {"beats": heartbeat.c.beats + 1, "marks": self.marks, "at": row["at"]}
        await conn.execute(insert.on_conflict_do_update(index_elements=[heartbeat.c.process], set_=beats))
        since = time.monotonic() - FORGOTTEN_SECONDS
        if ended := [process for process, (_, still) in self._still.items() if still < since]:
            await conn.execute(sa.delete(heartbeat).where(heartbeat.c.process.in_(ended)))
        found = await conn.execute(
            sa.select(heartbeat.c.process, heartbeat.c.kind, heartbeat.c.beats, heartbeat.c.marks)
        )
        return [tuple(one) for one in found]

    async def _remove(self, conn: AsyncConnection) -> None:
        await conn.execute(sa.delete(heartbeat).where(heartbeat.c.process == self.process))


LOOK_AGAIN_SECONDS = 0.4


async def moving(db: Database, kinds: Sequence[str], seconds: float = ALIVE_SECONDS) -> dict[str, bool]:
    """Which of these kinds are seen to beat, by whoever has no heartbeat of their own: it may take so many seconds to
    say that one does not. Raises Unavailable."""
    began, first = time.monotonic(), await db.read(_beats)
    found: set[str] = set()
    while not found.issuperset(kinds) and time.monotonic() - began < seconds:
        await asyncio.sleep(LOOK_AGAIN_SECONDS)
        now = await db.read(_beats)
        found |= {kind for process, (kind, beats) in now.items() if first.get(process) != (kind, beats)}
    return {kind: kind in found for kind in kinds}


async def recent(db: Database, kinds: Sequence[str], seconds: float, now: int) -> dict[str, bool]:
    """The same at once, by the instants that each process wrote: a hint, as hosts' clocks may differ. Nothing is said
    where no process has beaten lately: then the installation has not begun. Raises Unavailable."""
    rows = await db.read(lambda conn: conn.execute(sa.select(heartbeat.c.kind, heartbeat.c.at)))
    fresh = {row.kind for row in rows if row.at > now - seconds * 1000}
    return {kind: kind in fresh for kind in kinds} if fresh else {}


async def _beats(conn: AsyncConnection) -> dict[str, tuple[str, int]]:
    rows = await conn.execute(sa.select(heartbeat.c.process, heartbeat.c.kind, heartbeat.c.beats))
    return {row.process: (row.kind, row.beats) for row in rows}
