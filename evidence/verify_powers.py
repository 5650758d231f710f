"""`guichet verify`, of representatives: reads every power with its history, and says which does not stand there."""

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.representatives.store import representative, representative_event
from evidence.books import BrokenPromise
from evidence.promises import Promise
from evidence.recount_powers import PowerMoveRow, PowerRow, astray
from foundation.sql.tables import plain_row

r, e = representative.c, representative_event.c


class PowersFound(msgspec.Struct, frozen=True):
    """How many powers there are, and what is wrong with some."""

    count: int
    broken: list[BrokenPromise]


async def read(conn: AsyncConnection) -> PowersFound:
    """Every power, held against its history, from one look at the store."""
    powers = await conn.execute(sa.select(r.id, r.state, r.frozen_from).order_by(r.id))
    rows = [msgspec.convert(plain_row(row), PowerRow) for row in powers]
    moves = await conn.execute(sa.select(e.representative, e.move, e.after).order_by(e.id))
    return PowersFound(
        len(rows), astray(rows, (msgspec.convert(plain_row(one), PowerMoveRow) for one in moves))
    )


def report(found: PowersFound) -> list[str]:
    """A line, and the rows that are wrong; nothing where there is no representative."""
    if not found.count:
        return []
    holds = "BROKEN" if found.broken else "holds"
    said = "every representative's power stands where its history leads"
    return [f"{Promise.P16} {holds}: {said} ({found.count})", *_rows(found.broken)]


def _rows(broken: Sequence[BrokenPromise]) -> list[str]:
    return [f"      {row}" for finding in broken for row in finding.rows]
