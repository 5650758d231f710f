"""Days that were made holidays by proclamation, after the calendar was known: a state funeral, a day of mourning.

They stand in SQL and are read in the transaction that counts with them, so that every process knows a day from the
commit on that made it one; nothing of it is kept in a process. A day takes two people (P17): until the second has
confirmed it, it is a request and no holiday.
"""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.calendar.closures import CalendarKind, Closures, ProclaimedDay
from foundation.sql.direct import DirectLook
from foundation.sql.tables import metadata

proclaimed_day = sa.Table(
    "proclaimed_day",
    metadata,
    sa.Column("day", sa.Text, primary_key=True, comment="2026-09-21, in Montréal"),
    sa.Column("name", sa.Text, nullable=False, comment="as people read it: un jour de deuil national"),
    sa.Column("author", sa.Text, nullable=False, comment="user name of who entered it"),
    sa.Column("asked_at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Column("approver", sa.Text, comment="user name of who confirmed it; none yet, no holiday yet"),
    sa.Column("approved_at", sa.BigInteger, comment="instant from which it is a holiday"),
    sa.Column("moved_at", sa.BigInteger, comment="instant at which every open deadline had been looked at"),
    sa.CheckConstraint("approver <> author", name="two_people"),
)

p = proclaimed_day.c


async def closures(conn: AsyncConnection, kind: CalendarKind = CalendarKind.PUBLIC_SERVICE) -> Closures:
    """The closed days of a calendar as they stand in this transaction."""
    return Closures(kind=kind, proclaimed=await proclaimed(conn))


async def proclaimed(conn: AsyncConnection) -> tuple[ProclaimedDay, ...]:
    """Every day that two people made a holiday, in their order."""
    rows = await _PROCLAIMED.rows(conn, {})
    return tuple(ProclaimedDay(date.fromisoformat(day), name) for day, name in rows)


_PROCLAIMED = DirectLook(sa.select(p.day, p.name).where(p.approver.is_not(None)).order_by(p.day))
