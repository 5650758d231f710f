"""Failed sign-ins of staff in the audit: each leaves a trace, and a flood does not fill the record (P16).

The first few of a minute have a line each, for each name of ours and each code; the rest of that minute is counted, and
becomes one line with the number once the minute is over: at the next failure, or by the ticker.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import store
from accounts.acts import AccountAct
from accounts.store import refused_attempt
from foundation import audit
from foundation.audit import Actor
from foundation.clock import rfc3339
from foundation.errors import Code
from foundation.sql.tables import insert_for

LINES_A_MINUTE = 5
"""For each name and code. A person who mistypes has a line each time; a robot has six a minute."""

MINUTE_MS = 60_000

r = refused_attempt.c


async def record(conn: AsyncConnection, username: str, code: Code, now: int, **detail: Any) -> None:
    """Record a wrong try at signing in as staff, under the name that was typed if it is one of ours.

    `username` is as `identities.known_as` gives it. Any other name stays out of the record: it may be a password that
    was typed into the wrong field, or a candidate's name. The try proves no identity, so there is no role.
    """
    known = sa.select(store.operator.c.id).where(store.operator.c.username == username)
    is_known = (await conn.execute(known)).first() is not None
    actor = username if is_known else audit.UNKNOWN
    tries = await _count(conn, actor, code, now)
    if tries <= LINES_A_MINUTE:
        await audit.record(conn, Actor(actor), AccountAct.SIGN_IN_FAILED, None, now, code=code, **detail)


async def _count(conn: AsyncConnection, actor: str, code: Code, now: int) -> int:
    """Count it in its minute, this one included; a minute that is over goes on the record first."""
    minute = now // MINUTE_MS * MINUTE_MS
    fresh = insert_for(conn, refused_attempt).values(actor=actor, code=code, minute=minute, tries=0)
    # The row is locked even where it is new, so that of many at once each counts.
    locked = fresh.on_conflict_do_update(index_elements=["actor", "code"], set_={"code": code})
    row = (await conn.execute(locked.returning(r.minute, r.tries))).one()
    if row.minute >= minute:
        tries, minute = int(row.tries) + 1, int(row.minute)
    else:
        await _sum_up(conn, actor, code, row.minute, row.tries, now)
        tries = 1
    where = (r.actor == actor, r.code == code)
    await conn.execute(sa.update(refused_attempt).where(*where).values(minute=minute, tries=tries))
    return tries


async def flush(conn: AsyncConnection, now: int) -> None:
    """Put the counts of minutes that are over on the record."""
    over = sa.select(refused_attempt).where(r.minute <= now - MINUTE_MS).order_by(r.actor, r.code)
    for row in (await conn.execute(over.with_for_update())).all():
        await conn.execute(sa.delete(refused_attempt).where(r.actor == row.actor, r.code == row.code))
        await _sum_up(conn, row.actor, row.code, row.minute, row.tries, now)


async def _sum_up(conn: AsyncConnection, actor: str, code: str, minute: int, tries: int, now: int) -> None:
    """One line for those of a minute that had none of their own."""
    if (more := tries - LINES_A_MINUTE) > 0:
        act, since = AccountAct.SIGN_IN_FAILED, rfc3339(minute)
        await audit.record(conn, Actor(actor), act, None, now, code=code, more=more, since=since)
