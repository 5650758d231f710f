"""Which files stand where: how many in each status, the oldest of each, and a page of one of them.

A status is derived, so every standing file is folded: 25,000 events of 5,000 files take a fifth of a second.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.checklists.items import find
from casework.decisions.store import decision, file_taking
from casework.files.numbers import file_number
from casework.files.states import FileEventKind, FileStatus
from casework.files.status import moved, status_of
from casework.files.store import file_event
from foundation.calendar.days import day_of
from quota.store import period
from submission.states import SubmissionStatus
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


async def queue(conn: AsyncConnection, status: FileStatus, page: int, now: int) -> FileQueue:
    """The queue of one status, from page 1 on."""
    since = await _since(conn)
    counts = [
        StatusCount(one, len(files), min(files.values(), default=None))
        for one in FileStatus
        for files in [since.get(one, {})]
    ]
    wanted = sorted(since.get(status, {}).items(), key=lambda one: (one[1], one[0]))
    shown = wanted[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    files = await _files(conn, dict(shown), now)
    if status is FileStatus.AWAITING_DOCUMENTS:
        files = [await _with_deadline(conn, one, now) for one in files]
    return FileQueue(
        counts=counts, status=status, files=files, page=page,
        has_more=len(wanted) > page * PAGE_SIZE,
    )  # fmt: skip


async def _since(conn: AsyncConnection) -> dict[FileStatus, dict[int, int]]:
    """By status its files, each with the instant since when it stands there."""
    happened: dict[int, list[tuple[FileEventKind, int]]] = defaultdict(list)
    for row in await conn.execute(sa.select(e.submission, e.kind, e.at).order_by(e.id)):
        happened[row.submission].append((FileEventKind(row.kind), row.at))
    found: dict[FileStatus, dict[int, int]] = defaultdict(dict)
    for row in await conn.execute(sa.select(s.id, s.status, s.submitted_at)):
        status, since = standing_since(
            SubmissionStatus(row.status), row.submitted_at, happened.get(row.id, [])
        )
        found[status][row.id] = since
    return found


def standing_since(
    standing: SubmissionStatus, submitted_at: int, happened: Sequence[tuple[FileEventKind, int]]
) -> tuple[FileStatus, int]:
    """Where a file stands, and the instant of the event that brought it there. Pure."""
    status, since = FileStatus.AWAITING_PAYMENT, submitted_at
    for kind, at in happened:
        after = moved(status, kind)
        if after is not None and after is not status:
            status, since = after, at
    return status_of(standing, [kind for kind, _ in happened]), since


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
