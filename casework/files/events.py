"""Recording what happens to a file, under its lock; reading where it stands."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.files import store
from casework.files.states import FileEventKind, FileStatus
from casework.files.status import moved, status_of
from foundation import audit
from foundation.audit import By
from foundation.errors import Code, Refusal
from foundation.sql.tables import InsertOnce
from foundation.subjects import Subject
from submission.states import SubmissionStatus
from submission.store import SUBMISSION, submission

e = store.file_event


class FileEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened: `at` is the instant at which it was recorded, `on_day` the day that counts if it is
    another one, `actor` who said so."""

    kind: FileEventKind
    at: int
    actor: str
    role: str | None = None
    on_day: date | None = None
    reason: str | None = None
    detail: dict[str, Any] = {}


class FileHistory(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to a file, in order, and where it stands."""

    submission: int
    standing: SubmissionStatus
    events: Sequence[FileEvent]

    @property
    def status(self) -> FileStatus:
        return status_of(self.standing, [event.kind for event in self.events])

    def newest(self, kind: FileEventKind) -> FileEvent | None:
        """The last event of a kind; None where there is none."""
        return next((event for event in reversed(self.events) if event.kind is kind), None)


async def history(conn: AsyncConnection, number: int, *, lock: bool = False) -> FileHistory:
    """What happened to a file. With `lock`, nothing else happens to it until this transaction ends; whoever writes
    takes the lock before anything else of the file is read. Refusal not_found."""
    wanted, file = _LOCKED if lock else _STANDING, {"file": number}
    standing = (await conn.execute(wanted, file)).scalar_one_or_none()
    if standing is None:
        raise Refusal(Code.NOT_FOUND)
    rows = await conn.execute(_OF_FILE, file)
    return FileHistory(
        submission=number, standing=SubmissionStatus(standing), events=[_event(row) for row in rows]
    )


_STANDING = sa.select(submission.c.status).where(submission.c.id == sa.bindparam("file"))

_LOCKED = _STANDING.with_for_update()

_OF_FILE = sa.select(e).where(e.c.submission == sa.bindparam("file")).order_by(e.c.id)


async def histories(
    conn: AsyncConnection, standings: Mapping[int, SubmissionStatus]
) -> dict[int, FileHistory]:
    """The histories of many files, whose submissions stand like this, without their locks."""
    found: dict[int, list[FileEvent]] = {number: [] for number in standings}
    for row in await conn.execute(sa.select(e).where(e.c.submission.in_(found)).order_by(e.c.id)):
        found[row.submission].append(_event(row))
    return {
        number: FileHistory(submission=number, standing=standings[number], events=happened)
        for number, happened in found.items()
    }


async def of_kind(
    conn: AsyncConnection, numbers: Collection[int], kind: FileEventKind
) -> dict[int, list[FileEvent]]:
    """What happened of one kind to each of these files, in order; an empty list where nothing did."""
    found: dict[int, list[FileEvent]] = {number: [] for number in numbers}
    wanted = sa.select(e).where(e.c.submission.in_(found), e.c.kind == kind).order_by(e.c.id)
    for row in await conn.execute(wanted):
        found[row.submission].append(_event(row))
    return found


def require(of: FileHistory, kind: FileEventKind) -> None:
    """Refusal move_not_allowed where this cannot happen to a file now: for whoever does more than record it. Pure."""
    if moved(of.status, kind) is None:
        raise Refusal(Code.MOVE_NOT_ALLOWED, **{"from": of.status, "to": kind})


_WRITTEN = InsertOnce(e, unique=[e.c.key], returning=[e.c.id])


async def record(
    conn: AsyncConnection,
    of: FileHistory,
    kind: FileEventKind,
    by: By,
    now: int,
    *,
    key: str | None = None,
    on_day: date | None = None,
    reason: str | None = None,
    **detail: Any,
) -> FileStatus:
    """Record an event of a file whose history was read under its lock; where the file stands after it.

    Said again with the same key, it is one event, and nothing is written. `key` is for a kind that a file has more than
    once. Refusal move_not_allowed where this cannot happen now. One line of the audit goes with it.
    """
    number, after = of.submission, moved(of.status, kind)
    if after is None:
        if await is_recorded(conn, of, kind, key):
            return of.status
        raise Refusal(Code.MOVE_NOT_ALLOWED, **{"from": of.status, "to": kind})
    who = audit.acting(by)
    values = {
        "submission": number,
        "kind": kind,
        "key": _named(number, kind, key),
        "at": now,
        "on_day": None if on_day is None else on_day.isoformat(),
        "actor": who.name,
        "role": who.role,
        "reason": reason,
        "detail": msgspec.json.encode(detail).decode(),
        "moved_to": None if after is of.status else after,
    }
    if await _WRITTEN.execute(conn, values) is None:
        return of.status
    subject = Subject.row(SUBMISSION, number)
    change = {"before": {"status": of.status}, "after": {"status": after}}
    await audit.record(conn, by, kind, subject, now, reason=reason, **change, **detail)
    return after


async def is_recorded(
    conn: AsyncConnection, of: FileHistory, kind: FileEventKind, key: str | None = None
) -> bool:
    """Whether an event with this key was recorded of a file already."""
    there = await conn.execute(sa.select(e.c.id).where(e.c.key == _named(of.submission, kind, key)))
    return there.first() is not None


def _named(number: int, kind: FileEventKind, key: str | None) -> str:
    return f"{number}:{kind}" if key is None else f"{number}:{kind}:{key}"


def _event(row: Any) -> FileEvent:
    return FileEvent(
        kind=FileEventKind(row.kind),
        at=row.at,
        actor=row.actor,
        role=row.role,
        on_day=None if row.on_day is None else date.fromisoformat(row.on_day),
        reason=row.reason,
        detail=msgspec.json.decode(row.detail),
    )
