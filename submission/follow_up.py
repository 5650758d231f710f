"""What follows an acceptance: tasks of the outbox, staged for each submission in the transaction that accepts it (P3).

What each of them does is given to the worker by the composition root: some of it is a matter of folders further down.
"""

from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.outbox import BulkStaging
from submission import store


class FollowUp(StrEnum):
    """Kinds of tasks that every submission has, in the order in which they are staged."""

    CONFIRMATION = "confirmation"
    """The confirmation of its place in the quota is filed in the account (QU-07)."""
    DUPLICATE_SCAN = "duplicate_scan"
    """Traces are written that show reviewers who might be the same person (DU-01)."""
    PAYMENT_WATCH = "payment_watch"
    """The account is told what is to be paid; reminders, and the end of the wait, are staged for their days (PY-01)."""


ANNULMENT = "annulment"
"""The kind of the task that tells a person that the period was annulled: of the submissions of such periods alone
(`submission/annulment.py`)."""

_STAGING = BulkStaging(
    FollowUp,
    store.SUBMISSION,
    sa.select(store.submission.c.id, store.submission.c.submitted_at.label("at")).where(store.RANKS),
)


async def stage(conn: AsyncConnection, uid: str, first: int, last: int) -> None:
    """Stage every kind for these ranks' submissions, in the transaction that accepts them."""
    await _STAGING.stage(conn, {"uid": uid, "first": first, "last": last})
