"""Two agents and one file: taking it is an act with an end, and who writes after something changed is told what
(`conflict`)."""

from collections.abc import Sequence
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.checklists import store as checklist_store
from casework.decisions.store import decision, file_taking
from casework.files import events
from casework.files import store as files_store
from foundation import audit
from foundation.audit import Actor
from foundation.errors import Code, Refusal
from foundation.sql.tables import insert_for
from foundation.subjects import Subject
from submission.store import SUBMISSION

TAKEN_MS: Final = 30 * 60_000
"""A file stays with whoever took it for so long; each act in it begins the time anew."""

TAKE, LEAVE = "file_take", "file_leave"
"""Acts in the audit."""

f = file_taking


class FileTaking(msgspec.Struct, frozen=True):
    """Who has a file, until which instant."""

    taken_by: str
    until: int


class FileVersion(msgspec.Struct, frozen=True):
    """What somebody has seen of a file: the last event, act about a document, and decision; 0 for none."""

    event: int = 0
    item: int = 0
    decision: int = 0
    settled: int = 0

    @property
    def text(self) -> str:
        """As a form or a program carries it."""
        return f"{self.event}.{self.item}.{self.decision}.{self.settled}"


async def version(conn: AsyncConnection, submission: int) -> FileVersion:
    """What there is to see of a file now."""
    e, i, d = files_store.file_event.c, checklist_store.checklist_item_event.c, decision.c
    return FileVersion(
        event=await _last(conn, sa.func.max(e.id), e.submission == submission),
        item=await _last(conn, sa.func.max(i.id), i.submission == submission),
        decision=await _last(conn, sa.func.max(d.id), d.submission == submission),
        settled=await _last(conn, sa.func.count(d.settled_at), d.submission == submission),
    )


async def _last(conn: AsyncConnection, wanted: sa.ColumnElement[int], where: sa.ColumnElement[bool]) -> int:
    return int((await conn.execute(sa.select(wanted).where(where))).scalar_one() or 0)


async def taken(conn: AsyncConnection, submission: int, now: int) -> FileTaking | None:
    """Who has the file now; None where nobody has."""
    row = (
        await conn.execute(
            sa.select(f.c.taken_by, f.c.until).where(f.c.submission == submission, f.c.until > now)
        )
    ).one_or_none()
    return None if row is None else FileTaking(row.taken_by, row.until)


async def take(conn: AsyncConnection, submission: int, by: Actor, now: int) -> FileTaking:
    """Take a file for half an hour, or keep it for longer. Refusals not_found, conflict while somebody else has it."""
    await events.history(conn, submission, lock=True)
    holder = await taken(conn, submission, now)
    if holder is not None and holder.taken_by != by.name:
        raise Refusal(Code.CONFLICT, taken_by=holder.taken_by, changed=[])
    await _write(conn, submission, by.name, now)
    if holder is None:
        await audit.record(conn, by, TAKE, Subject.row(SUBMISSION, submission), now)
    return FileTaking(by.name, now + TAKEN_MS)


async def leave(conn: AsyncConnection, submission: int, by: Actor, now: int) -> None:
    """Let others take a file; harmless for who does not have it."""
    mine = (f.c.submission == submission, f.c.taken_by == by.name, f.c.until > now)
    left = await conn.execute(sa.update(f).where(*mine).values(until=now))
    if left.rowcount:
        await audit.record(conn, by, LEAVE, Subject.row(SUBMISSION, submission), now)


async def writing(
    conn: AsyncConnection, submission: int, seen: str | None, by: Actor, now: int, *, takes: bool = True
) -> None:
    """Before an act in a file that somebody saw as `seen`: lock it, and refuse what would be written over others.

    The time of whoever has it begins anew. The second person of a decision does not take the file (`takes`), and
    whoever has it does not stand in the way; None for `seen` compares nothing. Refusals not_found, conflict with
    `changed`, what happened meanwhile, and `taken_by` where somebody else has the file.
    """
    await events.history(conn, submission, lock=True)
    current, holder = await version(conn, submission), await taken(conn, submission, now)
    other = holder.taken_by if takes and holder is not None and holder.taken_by != by.name else None
    if other is not None or seen not in {None, current.text}:
        changed = [] if seen is None else await _changed(conn, submission, seen)
        raise Refusal(Code.CONFLICT, taken_by=other, changed=changed, current=current.text)
    if takes:
        await _write(conn, submission, by.name, now)


async def _write(conn: AsyncConnection, submission: int, name: str, now: int) -> None:
    values = {"submission": submission, "taken_by": name, "taken_at": now, "until": now + TAKEN_MS}
    statement = insert_for(conn, f).values(values)
    await conn.execute(
        statement.on_conflict_do_update(
            index_elements=[f.c.submission],
            set_={name: values[name] for name in ("taken_by", "taken_at", "until")},
        )
    )


def seen_event(seen: str) -> int:
    """The last event that somebody had seen; 0 for a text that is no version. Pure."""
    first = seen.split(".")[0]
    return int(first) if first.isascii() and first.isdecimal() and len(first) < 19 else 0


async def _changed(conn: AsyncConnection, submission: int, seen: str) -> Sequence[dict[str, object]]:
    """What happened to the file since: kind, instant and who of the office it was."""
    e = files_store.file_event.c
    rows = await conn.execute(
        sa.select(e.kind, e.at, e.actor)
        .where(e.submission == submission, e.id > seen_event(seen))
        .order_by(e.id)
    )
    return [{"kind": row.kind, "at": row.at, "actor": row.actor} for row in rows]
