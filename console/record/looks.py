"""Looks at the operators' pages, on the record: one line a page, person and ten minutes (P16).

A page that refreshes itself each two seconds is one look that goes on. A process remembers what it has recorded; what
another process recorded is found in the record itself.
"""

import time
from collections import OrderedDict

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation import audit
from foundation.audit import Actor, Stream, a
from foundation.clock import now_ms
from foundation.sql.database import Database
from foundation.subjects import Subject

LASTS_SECONDS = 600.0

MOST_REMEMBERED = 1_000

NEWEST = 200
"""Lines in which another process's record of the same look is searched for."""


class PageLooks:
    """What this process has recorded lately."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._seen: OrderedDict[tuple[str, str, Subject | None], float] = OrderedDict()

    async def saw(self, actor: Actor, page: str, subject: Subject | None = None) -> None:
        """Record that somebody looks at a page, unless it was recorded in the last ten minutes. Raises Unavailable.

        It fails closed, as what is not on the record may not be shown (P16).
        """
        key, now = (actor.name, page, subject), time.monotonic()
        if now - self._seen.get(key, -LASTS_SECONDS) < LASTS_SECONDS:
            return
        await self._db.write(lambda conn: _record(conn, actor, page, subject))
        self._seen[key] = now
        self._seen.move_to_end(key)
        while len(self._seen) > MOST_REMEMBERED:
            self._seen.popitem(last=False)


async def _record(conn: AsyncConnection, actor: Actor, page: str, subject: Subject | None) -> None:
    now = now_ms()
    newest = (
        sa.select(a.c.at, a.c.actor, a.c.detail, a.c.subject_id)
        .where(a.c.stream == Stream.LOOKS)
        .order_by(a.c.sequence.desc())
        .limit(NEWEST)
    )
    about = None if subject is None else subject.id
    for row in await conn.execute(newest):
        is_same = row.actor == actor.name and row.subject_id == about
        if (
            is_same
            and row.at > now - LASTS_SECONDS * 1000
            and msgspec.json.decode(row.detail).get("page") == page
        ):
            return
    await audit.record(conn, actor, audit.LOOK, subject, now, page=page)
