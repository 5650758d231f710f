"""The figures of a day: what the ticker wrote every two seconds, read back for the graphs and the operators' API."""

from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from quota import store
from quota.clock import rfc3339

f = store.figure

MOST_ROWS = 1_800
"""An hour at a row every two seconds; some 200 kB of JSON."""


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """One row: `at` is an instant; `lapsed` and `joined` count from the beginning, the others stand at that instant."""

    at: int
    waiting: int = 0
    parked: int = 0
    live_tokens: int = 0
    accepted: int = 0
    lapsed: int = 0
    joined: int = 0


_COLUMNS = [f.c[name] for name in Figures.__struct_fields__]


async def rows(conn: AsyncConnection, uid: str, since: int = 0, limit: int = MOST_ROWS) -> list[Figures]:
    """The last `limit` rows from `since` on, oldest first."""
    newest = (
        sa.select(*_COLUMNS).where(f.c.period == uid, f.c.at >= since).order_by(f.c.at.desc()).limit(limit)
    )
    return [_figures(row) for row in await conn.execute(newest)][::-1]


async def thinned(conn: AsyncConnection, uid: str, since: int, step_ms: int) -> list[Figures]:
    """One row of every `step_ms` from `since` on, oldest first: as many as a graph can show."""
    here = sa.and_(f.c.period == uid, f.c.at >= since)
    last_of_each = sa.select(sa.func.max(f.c.at)).where(here).group_by(f.c.at // step_ms)
    found = await conn.execute(sa.select(*_COLUMNS).where(here, f.c.at.in_(last_of_each)).order_by(f.c.at))
    return [_figures(row) for row in found]


def shown(figures: Figures) -> dict[str, Any]:
    """The row as the operators' API gives it."""
    return msgspec.structs.asdict(figures) | {"at": rfc3339(figures.at)}


def _figures(row: sa.Row[*tuple[Any, ...]]) -> Figures:
    return Figures(**{str(name): value for name, value in row._mapping.items()})
