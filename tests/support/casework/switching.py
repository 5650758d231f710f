"""Features switched on for tests, by two persons, as if their instant had come."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.switches import plans
from casework.switches.states import SwitchName
from casework.switches.store import feature_switch
from foundation.clock import now_ms
from foundation.sql.database import Database

SOON_MS = 60_000


async def planned(db: Database, name: SwitchName, programme: str = "demo", *, approved: bool = True) -> int:
    """A switch for a minute from now; its number."""

    async def write(conn: AsyncConnection) -> int:
        now = now_ms()
        made = await plans.plan(conn, programme, name, now + SOON_MS, None, "agnes", now)
        if approved:
            await plans.approve(conn, made.id, "boris", now)
        return made.id

    return await db.write(write)


async def its_time_comes(db: Database, switch: int) -> None:
    """Its instant was a second ago."""
    past = sa.update(feature_switch).where(feature_switch.c.id == switch).values(on_at=now_ms() - 1_000)
    await db.write(lambda conn: conn.execute(past))


async def switched_on(db: Database, name: SwitchName, programme: str = "demo") -> int:
    """A switch that is on; its number."""
    made = await planned(db, name, programme)
    await its_time_comes(db, made)
    return made
