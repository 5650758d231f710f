"""Two counts of a period (QU-05): `submitted`, its ranks, which never goes down, and `counted`: paid in time, or opened
without fees.

`counted` is no column that could drift: it is read from the events of the files. So is what unpaid files release, which
a further period may offer again where the programme says so (`on_unpaid`, ADR 0040): a rank is never given twice.
`evidence/money/` counts the same from the movements, and from what remains of deleted files."""

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.files.states import FileEventKind
from casework.files.store import file_event
from casework.payments.unpaid.deletion import KINDS as DELETIONS
from foundation.sql import tables
from submission.states import SubmissionStatus
from submission.store import submission

e, s = file_event.c, submission.c

COUNTS = (FileEventKind.PAID, FileEventKind.OPENED)
"""The events by which a file is counted: its fee is here, or its programme asks for none (PY-10)."""

_NEWEST = (
    sa.select(e.submission, sa.func.max(e.id).label("id"))
    .join(submission, s.id == e.submission)
    .where(s.period == sa.bindparam("uid"), s.status == SubmissionStatus.SUBMITTED)
    .where(e.kind.in_((*COUNTS, FileEventKind.PAYMENT_REVERSED, FileEventKind.WITHDRAWN)))
    .group_by(e.submission)
    .subquery()
)

_COUNTED = (
    sa.select(sa.func.count())
    .select_from(file_event)
    .join(_NEWEST, _NEWEST.c.id == e.id)
    .where(e.kind.in_(COUNTS))
)


async def counted(conn: AsyncConnection, uid: str) -> int:
    """How many submissions of a period are paid, in time, and still are; without void, refused and withdrawn ones."""
    return int((await conn.execute(_COUNTED, {"uid": uid})).scalar_one())


_DELETED = (
    sa.select(sa.func.count(sa.distinct(e.submission)))
    .join(submission, s.id == e.submission)
    .where(tables.among(s.period, "uids"), e.kind.in_(DELETIONS))
)


async def deleted_unpaid(conn: AsyncConnection, uids: Collection[str]) -> int:
    """How many submissions of these periods were deleted because they were not paid: what they release (ADR 0040). A
    deleted file is at an end, so that this only goes up."""
    return int((await conn.execute(_DELETED, {"uids": list(uids)})).scalar_one())
