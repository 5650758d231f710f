"""What there is of tasks, by kind and stand; what was set aside, each with the type of its last error."""

from collections.abc import Collection

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from console.tasks.states import KINDS, TaskStand, stand_of
from foundation import outbox
from foundation.mail.states import MailState
from foundation.mail.store import mail
from foundation.outbox import TaskState
from foundation.sql.tables import plain_row

RATE_MS = 3_600_000
"""What was done is counted for the last hour."""

MOST_SHOWN = 100
"""Tasks that one page shows."""

t, m = outbox.task.c, mail.c


class KindCounts(msgspec.Struct, frozen=True, kw_only=True):
    """The tasks of one kind. `oldest_due_at`: instant since which the oldest is due, None where none is. `is_known`:
    whether a worker of this release has an effect for it. `failing`: those that wait after a failure."""

    kind: str
    counts: dict[TaskStand, int]
    done_last_hour: int
    failing: int
    oldest_due_at: int | None
    is_known: bool

    @property
    def has_any(self) -> bool:
        """Whether there is any task of it, done ones included."""
        return any(self.counts.values())

    @property
    def name(self) -> str:
        """What it is called; empty where only its own name is known."""
        return KINDS.get(self.kind, "")


class AsideTask(msgspec.Struct, frozen=True, kw_only=True):
    """A task that a person looks at. Instants in milliseconds."""

    id: int
    kind: str
    subject_kind: str
    subject_id: str
    state: str
    attempt: int
    failures: int
    error: str | None
    staged_at: int

    @property
    def name(self) -> str:
        return KINDS.get(self.kind, "")


class AsideMail(msgspec.Struct, frozen=True, kw_only=True):
    """A mail that no server took in four days: its title, which says nothing of anybody, and the server's last word."""

    id: int
    kind: str
    title: str
    tries: int
    reply_code: int | None
    reply_status: str | None
    settled_at: int | None


async def by_kind(conn: AsyncConnection, known: Collection[str], now: int) -> list[KindCounts]:
    """Every kind that has tasks, and every known one; those that need a person first, then by name."""
    waits, since = t.state == TaskState.STAGED, sa.case((t.due_at > t.staged_at, t.due_at), else_=t.staged_at)
    planned = sa.and_(waits, t.due_at > now, t.leased_until <= now)
    due = sa.and_(waits, t.due_at <= now, t.leased_until <= now)
    asked = {
        TaskStand.PLANNED: planned,
        TaskStand.DUE: due,
        TaskStand.RUNNING: sa.and_(waits, t.leased_until > now),
        TaskStand.SET_ASIDE: t.state == TaskState.SET_ASIDE,
        TaskStand.LEFT: t.state == TaskState.LEFT,
        TaskStand.DONE: t.state == TaskState.DONE,
    }
    counted = [_count(condition).label(str(stand)) for stand, condition in asked.items()]
    lately = _count(sa.and_(t.state == TaskState.DONE, t.done_at > now - RATE_MS)).label("lately")
    failing = _count(sa.and_(waits, t.failures > 0)).label("failing")
    oldest = sa.func.min(sa.case((due, since))).label("oldest")
    rows = await conn.execute(sa.select(t.kind, *counted, lately, failing, oldest).group_by(t.kind))
    found = {str(row.kind): row._mapping for row in rows}
    kinds = [
        KindCounts(
            kind=kind,
            counts={stand: int(row[str(stand)]) if row else 0 for stand in TaskStand},
            done_last_hour=int(row["lately"]) if row else 0,
            failing=int(row["failing"]) if row else 0,
            oldest_due_at=row["oldest"] if row else None,
            is_known=kind in known,
        )
        for kind in {*found, *known}
        for row in [found.get(kind)]
    ]
    return sorted(kinds, key=lambda one: (not one.counts[TaskStand.SET_ASIDE], one.is_known, one.kind))


def _count(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)


async def aside(
    conn: AsyncConnection, state: TaskState, kind: str | None, page: int
) -> tuple[list[AsideTask], bool]:
    """The tasks in this state, the latest first, and whether there are more; `page` counts from 1."""
    names = AsideTask.__struct_fields__
    found = sa.select(*(t[name] for name in names)).where(t.state == state)
    if kind:
        found = found.where(t.kind == kind)
    found = found.order_by(t.id.desc()).limit(MOST_SHOWN + 1).offset((page - 1) * MOST_SHOWN)
    rows = [msgspec.convert(plain_row(row), AsideTask) for row in await conn.execute(found)]
    return rows[:MOST_SHOWN], len(rows) > MOST_SHOWN


async def mails_aside(conn: AsyncConnection) -> tuple[list[AsideMail], int]:
    """The mails that were set aside, the oldest first, a page of them; and how many there are."""
    here = m.state == MailState.SET_ASIDE
    found = sa.select(*(m[name] for name in AsideMail.__struct_fields__)).where(here).order_by(m.id)
    rows = [msgspec.convert(plain_row(row), AsideMail) for row in await conn.execute(found.limit(MOST_SHOWN))]
    count = int((await conn.execute(sa.select(sa.func.count()).where(here))).scalar_one())
    return rows, count


async def stand(conn: AsyncConnection, id: int, now: int) -> TaskStand | None:
    """Where one task stands; None where there is none."""
    row = (await conn.execute(sa.select(t.state, t.due_at, t.leased_until).where(t.id == id))).one_or_none()
    return None if row is None else stand_of(row.state, row.due_at, row.leased_until, now)
