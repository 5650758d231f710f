"""The record of SQL having come back from a copy: when that was found, and what is not known any more.

It is written in the transaction that begins the new epoch. Where people were told something that is lost, it stands in
`/readyz`, on the operators' page and in `guichet verify` until an operator says that they know.
"""

import zlib
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation import audit
from foundation.audit import By
from foundation.errors import Code, Refusal
from foundation.sql.tables import Id, metadata
from foundation.subjects import Subject
from quota import store
from quota.states import PeriodAct
from quota.store import PERIOD, Period
from waitingroom.line.setbacks import Setback
from waitingroom.line.snapshot import bitmap, members

restoration = sa.Table(
    "restoration",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("period", sa.Text, sa.ForeignKey("period.uid"), nullable=False, index=True),
    sa.Column("found_at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Column(
        "known_at", sa.BigInteger, nullable=False, comment="instant of the last tick that the copy knows"
    ),
    sa.Column("epoch", sa.Integer, nullable=False, comment="that was begun because of it"),
    sa.Column(
        "submissions", sa.Integer, nullable=False, comment="accepted since the copy, as far as anybody knows"
    ),
    sa.Column("calls", sa.Integer, nullable=False, comment="numbers that had a row and have none"),
    sa.Column("numbers", sa.LargeBinary, comment="zlib bitmap of these numbers"),
    sa.Column("acknowledged_at", sa.BigInteger, comment="instant at which an operator said that they know"),
    sa.Column("acknowledged_by", sa.Text, comment="user name"),
)

r = restoration


class Restoration(msgspec.Struct, frozen=True, kw_only=True):
    """One row. Field meanings stand at the table's columns."""

    id: int
    period: str
    found_at: int
    known_at: int
    epoch: int
    submissions: int
    calls: int
    numbers: Sequence[int] = ()
    acknowledged_at: int | None = None
    acknowledged_by: str | None = None

    @property
    def is_harmful(self) -> bool:
        """Whether somebody was told something that is not known any more."""
        return self.submissions > 0 or self.calls > 0


def _restoration_of(row: sa.Row[*tuple[Any, ...]]) -> Restoration:
    packed: bytes | None = row.numbers
    numbers = tuple(members(zlib.decompress(packed))) if packed else ()
    values = {name: row._mapping[name] for name in Restoration.__struct_fields__}
    return Restoration(**values | {"numbers": numbers})


async def record(conn: AsyncConnection, period: Period, found: Setback, epoch: int, now: int) -> None:
    """Write down what was found, in the transaction that begins this epoch."""
    numbers = zlib.compress(bitmap(found.numbers)) if found.numbers else None
    row = {
        "period": period.uid, "found_at": now, "known_at": found.known_at, "epoch": epoch,
        "submissions": found.submissions, "calls": len(found.numbers), "numbers": numbers,
    }  # fmt: skip
    await conn.execute(sa.insert(r).values(row))
    lost = {
        "known_at": found.known_at,
        "epoch": epoch,
        "submissions": found.submissions,
        "calls": len(found.numbers),
    }
    await audit.record(
        conn, audit.SERVICE, PeriodAct.RESTORED, Subject(PERIOD, period.uid), now,
        before={"notice": period.notice}, after=lost,
    )  # fmt: skip


async def of_period(conn: AsyncConnection, uid: str) -> list[Restoration]:
    """All of a period, the oldest first."""
    rows = await conn.execute(sa.select(r).where(r.c.period == uid).order_by(r.c.id))
    return [_restoration_of(row) for row in rows]


class NamedRestoration(NamedTuple):
    """A row with its period's public name."""

    period_id: str
    restoration: Restoration


async def every(conn: AsyncConnection) -> list[NamedRestoration]:
    """All of all periods, the oldest first."""
    p = store.period
    rows = await conn.execute(
        sa.select(p.c.id.label("public_name"), r).join(p, p.c.uid == r.c.period).order_by(r.c.id)
    )
    return [NamedRestoration(row.public_name, _restoration_of(row)) for row in rows]


async def standing(conn: AsyncConnection, uid: str) -> list[Restoration]:
    """Those of a period in which something was lost and that nobody has acknowledged, the oldest first."""
    return [one for one in await of_period(conn, uid) if one.is_harmful and one.acknowledged_at is None]


async def submissions_lost(conn: AsyncConnection) -> bool:
    """Whether receipts are out that SQL does not know, and no operator has acknowledged it: for `/readyz`."""
    unknown = sa.select(r.c.id).where(r.c.acknowledged_at.is_(None), r.c.submissions > 0)
    return (await conn.execute(unknown.limit(1))).first() is not None


async def acknowledge(
    conn: AsyncConnection, period_id: str, actor: By, now: int, reason: str | None = None
) -> int:
    """An operator knows of what was lost in this period; how many records that was. Raises Refusal not_found."""
    p = store.period
    uid = (await conn.execute(sa.select(p.c.uid).where(p.c.id == period_id))).scalar_one_or_none()
    if uid is None:
        raise Refusal(Code.NOT_FOUND)
    name = actor if isinstance(actor, str) else actor.name
    known = (
        sa.update(r)
        .where(r.c.period == uid, r.c.acknowledged_at.is_(None))
        .values(acknowledged_at=now, acknowledged_by=name)
    )
    count = (await conn.execute(known)).rowcount
    if count:
        subject = Subject(PERIOD, uid)
        await audit.record(
            conn, actor, PeriodAct.ACKNOWLEDGE, subject, now, after={"restorations": count}, reason=reason
        )
    return count
