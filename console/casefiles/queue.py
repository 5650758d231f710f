"""Which files stand where: how many in each status, the oldest of each, and a page of one of them.

A status is derived, never set: the database finds the newest event of each file that brought it to one, which says so
(`casework/files/store.py`).
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.checklists.items import find
from casework.decisions.store import decision, file_taking
from casework.files.numbers import file_number
from casework.files.states import FileStatus
from casework.files.status import ENDED
from casework.files.store import file_event
from foundation.calendar.days import day_of
from quota.store import period
from submission.store import submission

PAGE_SIZE: Final = 50

s, e = submission.c, file_event.c


class WaitingFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file in the list: by its number alone, without a name. `since` is the instant at which it came to its status,
    `taken_by` who works in it, `is_proposed` whether a decision waits for a second person; `due_on` until when
    documents are awaited, which is over once `is_overdue`: an agent decides what then follows (DC-02)."""

    submission: int
    programme: str
    since: int
    taken_by: str | None = None
    is_proposed: bool = False
    due_on: date | None = None
    is_overdue: bool = False

    @property
    def number(self) -> str:
        return file_number(self.submission)


class StatusCount(msgspec.Struct, frozen=True):
    """How many files stand in a status, and since when the oldest of them does (None where there is none)."""

    status: FileStatus
    files: int
    oldest: int | None


class FileQueue(msgspec.Struct, frozen=True, kw_only=True):
    """The counts of all statuses, and one page of the chosen one, the oldest first."""

    counts: Sequence[StatusCount]
    status: FileStatus
    files: Sequence[WaitingFile]
    page: int
    has_more: bool


_moving = file_event.alias("moving")

_LAST: Final = (
    sa.select(sa.func.max(_moving.c.id))
    .where(_moving.c.submission == s.id, _moving.c.moved_to.is_not(None))
    .correlate(submission)
    .scalar_subquery()
)
"""The event that moved a file last: one look into an index of those alone, on either store."""

_STANDING: Final = (
    sa.select(s.id, sa.func.coalesce(e.at, s.submitted_at).label("since"))
    .add_columns(
        sa.case(
            {standing.value: status.value for standing, status in ENDED.items()},
            value=s.status,
            else_=sa.func.coalesce(e.moved_to, FileStatus.AWAITING_PAYMENT.value),
        ).label("status")
    )
    .select_from(submission)
    .outerjoin(file_event, e.id == _LAST)
    .cte("standing")
)
"""Every file, where it stands, and since which instant: as `casework/files/status.py` folds it. Found once for the
counts and the page together, by one statement."""

w = _STANDING.c

_NONE: Final = sa.cast(sa.null(), sa.BigInteger)


async def queue(conn: AsyncConnection, status: FileStatus, page: int, now: int) -> FileQueue:
    """The queue of one status, from page 1 on."""
    counts, rows = await _looked_up(conn, status, page)
    files = await _files(conn, {row.id: row.since for row in rows[:PAGE_SIZE]}, now)
    if status is FileStatus.AWAITING_DOCUMENTS:
        files = [await _with_deadline(conn, one, now) for one in files]
    return FileQueue(counts=counts, status=status, files=files, page=page, has_more=len(rows) > PAGE_SIZE)


async def _looked_up(
    conn: AsyncConnection, status: FileStatus, page: int
) -> tuple[list[StatusCount], Sequence[Any]]:
    """The counts, and the rows of a page with one more, the oldest first."""
    grouped = sa.select(w.status, sa.func.count().label("files"), sa.func.min(w.since).label("since"))
    grouped = grouped.add_columns(_NONE.label("id")).group_by(w.status)
    chosen = sa.select(w.status, _NONE.label("files"), w.since, w.id).where(w.status == status)
    chosen = chosen.order_by(w.since, w.id).limit(PAGE_SIZE + 1).offset((page - 1) * PAGE_SIZE)
    listed = chosen.subquery()
    found = (await conn.execute(sa.union_all(grouped, sa.select(listed)))).all()
    of = {row.status: row for row in found if row.id is None}
    counts = [
        StatusCount(one, of[one].files, of[one].since) if one in of else StatusCount(one, 0, None)
        for one in FileStatus
    ]
    return counts, sorted((row for row in found if row.id is not None), key=lambda row: (row.since, row.id))


async def _with_deadline(conn: AsyncConnection, one: WaitingFile, now: int) -> WaitingFile:
    listed = await find(conn, None, one.submission)
    if listed is None:
        return one
    due = listed.deadline().last_day
    return msgspec.structs.replace(one, due_on=due, is_overdue=due < day_of(now))


async def _files(conn: AsyncConnection, since: Mapping[int, int], now: int) -> list[WaitingFile]:
    programme = sa.func.coalesce(period.c.programme, s.ledger).label("programme")
    rows = await conn.execute(
        sa.select(
            s.id, programme, file_taking.c.taken_by, file_taking.c.until, decision.c.id.label("proposed")
        )
        .outerjoin(period, period.c.uid == s.period)
        .outerjoin(file_taking, file_taking.c.submission == s.id)
        .outerjoin(decision, sa.and_(decision.c.submission == s.id, decision.c.settled_at.is_(None)))
        .where(s.id.in_(since))
    )
    found = [
        WaitingFile(
            submission=row.id, programme=row.programme, since=since[row.id], is_proposed=row.proposed is not None,
            taken_by=row.taken_by if row.until is not None and row.until > now else None,
        )
        for row in rows
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one.since, one.submission))
