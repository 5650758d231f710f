"""What the schedule does to a period: it opens and closes it, freezes its entries and draws their order.
The ticker's."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.audit import SERVICE
from foundation.clock import rfc3339
from foundation.errors import Code, Refusal, Stale
from foundation.sql.database import Database
from quota import draw, ledger, store
from quota.draw import BrokenCommitment
from quota.moves.writing import become, write
from quota.periods import due, flags_of, move, ready
from quota.states import Action, Mode, PeriodAct, PeriodState
from quota.store import Period, period_of

p = store.period


async def open_due(db: Database, now: int) -> list[Period]:
    """Open what the schedule opens and close what it closes, paused or not; returns what moved. The ticker's.

    A look first, a lock only where something is due. Late or twice does no harm: `periods.phase` shows the same, and
    the second finds nothing due. Raises Unavailable; and BrokenCommitment, when all others are served, for a draw that
    cannot open with the seed that is in the store.
    """
    waiting = sa.or_(
        sa.and_(p.c.state == PeriodState.ARMED, p.c.opens_at <= now),
        sa.and_(p.c.state == PeriodState.OPEN, p.c.closes_at <= now),
    )

    async def look(conn: AsyncConnection) -> list[str]:
        found = sa.select(p.c.uid).where(waiting).order_by(p.c.opens_at, p.c.uid)
        return list((await conn.execute(found)).scalars())

    async def settle(conn: AsyncConnection, uid: str) -> Period | None:
        before = await ledger.lock(conn, uid)
        after = await _settle(conn, before, now)
        could_open = due(flags_of(before), now, before.opens_at, before.closes_at, ready(before))
        return after if after is not before or could_open else None

    moved = [await db.write(lambda conn, uid=uid: settle(conn, uid)) for uid in await db.read(look)]  # type: ignore[misc]
    for period in moved:
        if period is not None and period.state == PeriodState.ARMED:
            raise BrokenCommitment(period.id)
    return [period for period in moved if period is not None]


async def settle(conn: AsyncConnection, uid: str, now: int) -> Period:
    """The locked row, once the schedule's moves that are due were made. Raises Refusal not_found."""
    return await _settle(conn, await ledger.lock(conn, uid), now)


async def _settle(conn: AsyncConnection, period: Period, now: int) -> Period:
    for action in due(flags_of(period), now, period.opens_at, period.closes_at, ready(period)):
        if action == Action.OPEN and period.mode == Mode.DRAW:
            seed = await draw.reveal(conn, period)
            if seed is None:
                break
            period = await _draw(conn, period, seed, now)
        after = move(flags_of(period), action, now, period.opens_at)
        period = await become(conn, period, after, SERVICE, action, now)
    return period


async def _draw(conn: AsyncConnection, period: Period, seed: str, now: int) -> Period:
    """Reveal the seed: from this transaction on everybody can compute the order."""
    after = {"entries": period.entries, "value": period.public_value, "seed": seed}
    return await write(conn, period, SERVICE, PeriodAct.DRAW, now, None, after, seed=seed, drawn_at=now)


async def to_freeze(conn: AsyncConnection, now: int) -> list[Period]:
    """Periods in mode draw whose opening has come and whose entries are not frozen yet."""
    waiting = (
        p.c.mode == Mode.DRAW,
        p.c.state == PeriodState.ARMED,
        p.c.entries.is_(None),
        p.c.opens_at <= now,
    )
    due = sa.select(p).where(*waiting).order_by(p.c.opens_at, p.c.uid)
    return [period_of(row) for row in await conn.execute(due)]


async def freeze(conn: AsyncConnection, uid: str, epoch: int, entries: int, now: int) -> Period:
    """Fix how many entries are drawn, and with them a value that is there already. A second call changes nothing.

    `entries` is the last one given in this epoch, and the line gives none any more. Numbers of later joins begin above.
    Raises Stale in another epoch, and Refusal room_not_open before the opening.
    """
    period = await ledger.lock(conn, uid)
    if period.entries is not None:
        return period
    if period.epoch != epoch:
        raise Stale
    if period.state != PeriodState.ARMED or now < period.opens_at:
        raise Refusal(Code.ROOM_NOT_OPEN, opens_at=rfc3339(period.opens_at))
    after = {"entries": entries, "value": period.public_value}
    mark = max(period.mark, entries)
    return await write(conn, period, SERVICE, PeriodAct.FREEZE, now, None, after, entries=entries, mark=mark)
