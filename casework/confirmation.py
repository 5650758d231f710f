"""The confirmation of a place in the quota (QU-07): filed once for each submission, by a task."""

import secrets

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.documents import Confirmation, d
from foundation.sql import tables
from quota.store import period
from submission import store

CONFIRMATION = "confirmation"

CONFIRMATION_TITLE = "Confirmation d’admission dans le quota"


async def confirm(conn: AsyncConnection, submission: int, now: int) -> None:
    """File the confirmation of one submission: the effect of a job, in its transaction."""
    s = store.submission
    row = (
        await conn.execute(
            sa.select(s.c.account, s.c.receipt, s.c.number, s.c.rank, s.c.submitted_at, s.c.pay_by)
            .add_columns(period.c.id.label("period_id"), period.c.programme, period.c.ordinal)
            .join(period, period.c.uid == s.c.period)
            .where(s.c.id == submission)
        )
    ).one()
    values = tables.plain_row(row)
    account = values.pop("account")
    await conn.execute(
        sa.insert(d).values(
            id=secrets.token_urlsafe(16),
            submission=submission,
            account=account,
            kind=CONFIRMATION,
            title=CONFIRMATION_TITLE,
            body=msgspec.json.encode(msgspec.convert(values, Confirmation)).decode(),
            created_at=now,
        )
    )
