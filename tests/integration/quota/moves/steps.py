"""A period on its way: drafted, announced, armed and opened, and how it stands then."""

from collections.abc import Awaitable, Callable

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation import audit
from foundation.errors import Refusal
from foundation.sql.database import Database
from quota import ledger
from quota.moves import operating, preparing, schedule
from quota.programmes import load
from quota.store import Period
from tests.support.places import ROOT

DEMO = load(ROOT / "config" / "programmes" / "demo.toml")

CUT_OFF = load(ROOT / "config" / "programmes" / "prtq-2016.toml")

OPENS, CLOSES = 1_465_821_000_000, 1_466_481_540_000  # 13 June 2016 8:30, 20 June 23:59, in Montréal

EARLY, DURING = OPENS - 60_000, OPENS + 60_000


async def draft(db: Database, period_id: str = "demo") -> Period:
    return await db.write(
        lambda conn: preparing.create(conn, DEMO, period_id, OPENS, CLOSES, None, "agnes", 1)
    )


def retyped(period: Period) -> operating.Retyped:
    """What a second person types again, without a mistake."""
    return operating.Retyped(period.cap, period.opens_at)


async def opened(db: Database) -> Period:
    """A period that the schedule opened."""
    period = await draft(db)
    await db.write(lambda conn: preparing.announce(conn, period.uid, DEMO, "agnes", EARLY))
    await db.write(lambda conn: operating.arm(conn, period.uid, retyped(period), "boris", EARLY))
    (period,) = await schedule.open_due(db, OPENS)
    return period


async def row(db: Database, uid: str) -> Period:
    return await db.read(lambda conn: ledger.lock(conn, uid))


async def audited(db: Database) -> list[tuple[str, str, str | None]]:
    async def look(conn: AsyncConnection) -> list[tuple[str, str, str | None]]:
        lines = await conn.execute(sa.select(audit.audit).order_by(audit.audit.c.id))
        return [(line.actor, line.act, line.subject_id) for line in lines]

    return await db.read(look)


async def refused(db: Database, step: Callable[[AsyncConnection], Awaitable[object]]) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        await db.write(step)
    return refusal.value
