"""The audit: who did what, when; append-only."""

from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.sql.tables import Id, metadata

SERVICE = "service"
"""Who opens and closes by the schedule."""

LOOK = "look"
"""The action of an audit line that says only who looked at what."""

LOOKS_KEPT_MS = 30 * 86_400_000
"""A tool that polls the figures writes a line a second; what moved something is kept for good."""

LOOKS_AT_ONCE = 1_000
"""Lines forgotten in one transaction, so that nobody waits long behind it."""


async def record(
    conn: AsyncConnection, actor: str, action: str, uid: str | None, now: int, **detail: Any
) -> None:
    """Write one audit line: who, what, when, and the detail as JSON."""
    line = {"at": now, "actor": actor[:80], "action": action, "period": uid}
    await conn.execute(sa.insert(audit).values(line | {"detail": msgspec.json.encode(detail).decode()}))


async def forget_looks(conn: AsyncConnection, now: int) -> int:
    """Take looks of over 30 days ago off the record, a thousand at most, and say how many those were.

    They are searched for from the oldest line on, so that a long record is not read from end to end each time.
    """
    a = audit
    oldest = sa.select(a.c.id, a.c.at).where(a.c.action == LOOK).order_by(a.c.id).limit(LOOKS_AT_ONCE)
    past = [row.id for row in await conn.execute(oldest) if row.at < now - LOOKS_KEPT_MS]
    if past:
        await conn.execute(sa.delete(a).where(a.c.id.in_(past)))
    return len(past)


audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Column("actor", sa.Text, nullable=False, comment="operator's user name, or service"),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("period", sa.Text, comment="period.uid"),
    sa.Column("detail", sa.Text, nullable=False, default="{}", comment="JSON"),
)
