"""A person's word about what was set aside: tried again, or left undone with a reason. Each is done once and recorded.

A task that is tried again keeps its attempt number, which only ever rises: a worker that was thought lost and comes
back still writes nothing. Its failures and its leases are counted from nought.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation import audit, outbox
from foundation.audit import By
from foundation.errors import Code, Refusal
from foundation.mail.states import MailState
from foundation.mail.store import MAIL, mail
from foundation.outbox import TaskState
from foundation.subjects import Subject

TASK = "task"
"""Kind of subject of a task, for the record."""

TASK_RETRY, TASK_LEAVE, MAIL_RETRY = "task_retry", "task_leave", "mail_retry"
"""The acts, as the record calls them."""

LONGEST_REASON = 500

t, m = outbox.task, mail


async def retry_task(conn: AsyncConnection, id: int, by: By, reason: str, now: int) -> None:
    """Stage a task again that was set aside or left. Refusals not_found, move_not_allowed."""
    values = {
        "state": TaskState.STAGED,
        "failures": 0,
        "postponed": t.c.attempt,
        "leased_until": 0,
        "rung_at": 0,
    }
    kind = await _moved(conn, id, (TaskState.SET_ASIDE, TaskState.LEFT), TaskState.STAGED, values)
    await _record(conn, by, TASK_RETRY, Subject.row(TASK, id), reason, now, kind)


async def leave_task(conn: AsyncConnection, id: int, by: By, reason: str, now: int) -> None:
    """Leave a task undone that was set aside; it is no alarm any more. Refusals not_found, move_not_allowed."""
    kind = await _moved(conn, id, (TaskState.SET_ASIDE,), TaskState.LEFT, {"state": TaskState.LEFT})
    await _record(conn, by, TASK_LEAVE, Subject.row(TASK, id), reason, now, kind)


async def _moved(
    conn: AsyncConnection, id: int, before: Sequence[TaskState], after: TaskState, values: dict[str, object]
) -> str:
    """The kind of the task that was moved: of two who move it at once one does."""
    here = sa.update(t).where(t.c.id == id, t.c.state.in_(before)).values(values)
    kind: str | None = (await conn.execute(here.returning(t.c.kind))).scalar_one_or_none()
    if kind is not None:
        return kind
    state = (await conn.execute(sa.select(t.c.state).where(t.c.id == id))).scalar_one_or_none()
    if state is None:
        raise Refusal(Code.NOT_FOUND)
    raise Refusal(Code.MOVE_NOT_ALLOWED, **{"from": state, "to": after})


async def retry_mail(conn: AsyncConnection, id: int, by: By, reason: str, now: int) -> None:
    """Post a mail anew that no server took, with the same Message-ID, for four days more. Refusals not_found,
    move_not_allowed."""
    here = (m.c.id == id, m.c.state == MailState.SET_ASIDE)
    values = {"state": MailState.STAGED, "tried_at": None, "settled_at": None}
    tries = (await conn.execute(sa.update(m).where(*here).values(values).returning(m.c.tries))).scalar()
    if tries is None:
        state = (await conn.execute(sa.select(m.c.state).where(m.c.id == id))).scalar_one_or_none()
        if state is None:
            raise Refusal(Code.NOT_FOUND)
        raise Refusal(Code.MOVE_NOT_ALLOWED, **{"from": state, "to": MailState.STAGED})
    subject = Subject.row(MAIL, id)
    # The task of its first posting is done; each time it is taken up it has another, told apart by the tries so far.
    await outbox.stage(conn, MAIL, subject, now, key=f"{outbox.key_of(MAIL, subject)}:{tries}")
    await _record(conn, by, MAIL_RETRY, subject, reason, now, MAIL)


async def _record(
    conn: AsyncConnection, by: By, act: str, subject: Subject, reason: str, now: int, kind: str
) -> None:
    await audit.record(conn, by, act, subject, now, reason=reason or None, kind=kind)


async def aside(conn: AsyncConnection, kind: str) -> list[int]:
    """The tasks of a kind that were set aside, the oldest first."""
    found = sa.select(t.c.id).where(t.c.state == TaskState.SET_ASIDE, t.c.kind == kind).order_by(t.c.id)
    return list((await conn.execute(found)).scalars())


async def mails_aside(conn: AsyncConnection) -> list[int]:
    """The mails that were set aside, the oldest first."""
    # Written out, so that SQLite sees that its index of them will do.
    here = m.c.state == sa.literal_column(f"'{MailState.SET_ASIDE}'")
    found = sa.select(m.c.id).where(here).order_by(m.c.id)
    return list((await conn.execute(found)).scalars())
