"""The record of acts and looks, as it is read: who, what, before and after; by period, person, act and time.

Only read here. It is written by what acts (`foundation/audit.py`), and each reading is itself recorded by its caller.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.audit import Stream, a
from foundation.clock import rfc3339
from foundation.sql.database import Database
from quota.store import PERIOD
from quota.store import period as periods

AT_ONCE = 100
"""Lines read together for an export: tens of thousands are not held in memory, and others have their turn between."""

LAST = 2**62
"""A place that no line has."""

MOST_NAMES = 200
"""Of those who have acted, in the list to choose from."""


class RecordedAct(msgspec.Struct, frozen=True, kw_only=True):
    """One line. `at` is an instant; `before`, `after` and `detail` are what was stored as JSON; `period` is the public
    name of the period that it is about, where it is about one that is still there."""

    id: int
    stream: str
    sequence: int
    at: int
    actor: str
    role: str | None
    act: str
    subject_kind: str | None
    subject_id: str | None
    period: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    reason: str | None
    detail: dict[str, Any]
    hash: str


class RecordFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which lines are wanted. `since` is inside, `until` outside; None is any. Looks only where they are asked for.

    `subject_kind` and `subject_id` are of what the line is about, such as `account` and `17`.
    """

    period_uid: str | None = None
    subject_kind: str | None = None
    subject_id: str | None = None
    actor: str | None = None
    act: str | None = None
    since: int | None = None
    until: int | None = None
    looks: bool = False

    @property
    def key(self) -> sa.ColumnElement[int]:
        """The column of the order of lines. Of the acts alone that is their place in the chain, for which there is an
        index beside the stream's; by id all of them would be sorted for each page. What is about one subject is few."""
        is_about = self.period_uid is not None or self.subject_kind is not None
        return a.c.id if self.looks or is_about else a.c.sequence

    def where(self) -> list[sa.ColumnElement[bool]]:
        """The conditions of this choice."""
        found: list[sa.ColumnElement[bool]] = []
        if not self.looks:
            found.append(a.c.stream == Stream.ACTS)
        if self.period_uid is not None:
            found += [a.c.subject_kind == PERIOD, a.c.subject_id == self.period_uid]
        exact = (
            (a.c.actor, self.actor), (a.c.act, self.act), (a.c.subject_kind, self.subject_kind),
            (a.c.subject_id, self.subject_id),
        )  # fmt: skip
        found += [column == wanted for column, wanted in exact if wanted is not None]
        if self.since is not None:
            found.append(a.c.at >= self.since)
        if self.until is not None:
            found.append(a.c.at < self.until)
        return found


_b = a.alias("the_line")

_LINES = sa.select(a, periods.c.id.label("period")).select_from(
    a.outerjoin(periods, sa.and_(a.c.subject_kind == PERIOD, a.c.subject_id == periods.c.uid))
)


async def newest(
    conn: AsyncConnection, wanted: RecordFilter, most: int, before: int | None = None
) -> list[RecordedAct]:
    """The newest lines, newest first; with `before`, those older than the line of this id."""
    lines = _LINES.where(*wanted.where()).order_by(wanted.key.desc()).limit(most)
    if before is not None:
        lines = lines.where(a.c.id < before)
        if wanted.key is a.c.sequence:
            there = sa.select(_b.c.sequence).where(_b.c.id == before, _b.c.stream == Stream.ACTS)
            lines = lines.where(a.c.sequence < sa.func.coalesce(there.scalar_subquery(), LAST))
    return [recorded(row) for row in await conn.execute(lines)]


async def oldest_first(
    db: Database, wanted: RecordFilter, through: int
) -> AsyncIterator[Sequence[RecordedAct]]:
    """All of them up to the line of this id, some at a time. Raises Unavailable."""
    last, key = 0, wanted.key
    lines = _LINES.where(*wanted.where(), a.c.id <= through).order_by(key).limit(AT_ONCE)
    while True:
        after = last

        async def look(conn: AsyncConnection, after: int = after) -> list[RecordedAct]:
            return [recorded(row) for row in await conn.execute(lines.where(key > after))]

        some = await db.read_long(look)
        if not some:
            return
        last = some[-1].id if key is a.c.id else some[-1].sequence
        yield some


async def last_id(conn: AsyncConnection) -> int:
    """The id of the newest line; 0 for none."""
    return int((await conn.execute(sa.select(sa.func.coalesce(sa.func.max(a.c.id), 0)))).scalar_one())


class RecordNames(NamedTuple):
    """What can be chosen: who has acted, what was done, and what kinds of things it was done to."""

    actors: list[str]
    acts: list[str]
    kinds: list[str]


async def names(conn: AsyncConnection) -> RecordNames:
    """What can be chosen, as far as the record goes."""
    acts = sa.select(a.c.act).where(a.c.stream == Stream.ACTS).distinct().order_by(a.c.act)
    actors = sa.select(a.c.actor).distinct().order_by(a.c.actor).limit(MOST_NAMES)
    kinds = sa.select(a.c.subject_kind).where(a.c.subject_kind.is_not(None)).distinct()
    found = [list((await conn.execute(wanted)).scalars()) for wanted in (actors, acts, kinds)]
    return RecordNames(*found)


def line_shown(line: RecordedAct) -> dict[str, Any]:
    """A line as calls answer it, `at` as RFC 3339."""
    return msgspec.structs.asdict(line) | {"at": rfc3339(line.at)}


def recorded(row: sa.Row[*tuple[Any, ...]]) -> RecordedAct:
    """A line as a value."""
    kept = {name: getattr(row, name) for name in RecordedAct.__struct_fields__}
    for name in ("before", "after", "detail"):
        kept[name] = None if kept[name] is None else msgspec.json.decode(kept[name])
    return RecordedAct(**kept | {"detail": kept["detail"] or {}})
