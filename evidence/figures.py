"""The figures of a day: what the ticker wrote every two seconds, read back for the graphs and the operators' API."""

from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.clock import rfc3339
from foundation.sql.tables import metadata
from quota import store
from quota.states import TokenState
from waitingroom.calls import TickOutcome
from waitingroom.line import journal
from waitingroom.line.states import JournalKind

figure = sa.Table(
    "figure",
    metadata,
    sa.Column("period", sa.Text, primary_key=True),
    sa.Column("at", sa.BigInteger, primary_key=True, comment="instant, cut to whole seconds"),
    *(
        sa.Column(name, sa.Integer, nullable=False)
        for name in ("waiting", "parked", "live_tokens", "accepted", "lapsed", "joined")
    ),
)

f = figure

MOST_ROWS = 1_800
"""An hour at a row every two seconds; some 200 kB of JSON."""


class DayFigures(msgspec.Struct, frozen=True, kw_only=True):
    """One row: `at` is an instant; `lapsed` and `joined` count from the beginning, the others stand at that instant."""

    at: int
    waiting: int = 0
    parked: int = 0
    live_tokens: int = 0
    accepted: int = 0
    lapsed: int = 0
    joined: int = 0


_COLUMNS = [f.c[name] for name in DayFigures.__struct_fields__]


async def rows(conn: AsyncConnection, uid: str, since: int = 0, limit: int = MOST_ROWS) -> list[DayFigures]:
    """The last `limit` rows from `since` on, oldest first."""
    newest = (
        sa.select(*_COLUMNS).where(f.c.period == uid, f.c.at >= since).order_by(f.c.at.desc()).limit(limit)
    )
    return [_figures(row) for row in await conn.execute(newest)][::-1]


async def thinned(conn: AsyncConnection, uid: str, since: int, step_ms: int) -> list[DayFigures]:
    """One row of every `step_ms` from `since` on, oldest first: as many as a graph can show."""
    here = sa.and_(f.c.period == uid, f.c.at >= since)
    last_of_each = sa.select(sa.func.max(f.c.at)).where(here).group_by(f.c.at // step_ms)
    found = await conn.execute(sa.select(*_COLUMNS).where(here, f.c.at.in_(last_of_each)).order_by(f.c.at))
    return [_figures(row) for row in found]


def shown(figures: DayFigures) -> dict[str, Any]:
    """The row as the operators' API gives it."""
    return msgspec.structs.asdict(figures) | {"at": rfc3339(figures.at)}


def _figures(row: sa.Row[*tuple[Any, ...]]) -> DayFigures:
    return DayFigures(**{str(name): value for name, value in row._mapping.items()})


async def figure_of(conn: AsyncConnection, turn: TickOutcome, at: int) -> dict[str, Any]:
    """The row of one tick, as it goes into the table. `at`: instant."""
    period, t, j = turn.period, store.token, journal.journal
    lapsed = sa.select(sa.func.count()).where(t.c.period == period.uid, t.c.state == TokenState.LAPSED)
    joined = sa.select(sa.func.coalesce(sa.func.sum(j.c.last - j.c.first + 1), 0)).where(
        j.c.period == period.uid, j.c.kind == JournalKind.JOIN
    )
    return {
        "period": period.uid,
        "at": at,
        "waiting": turn.snapshot.waiting,
        "parked": turn.snapshot.parked_count,
        "live_tokens": period.live_tokens,
        "accepted": period.accepted,
        "lapsed": (await conn.execute(lapsed)).scalar_one(),
        "joined": int((await conn.execute(joined)).scalar_one()) + (period.entries or 0),
    }
