"""Dangerous acts that take two different people (P17): who wanted it first, who wanted it too.

The table holds the rule (`check (approver <> author)`); here two spellings of one name are one person. What is asked
for is read and written under the lock of its subject, which the caller has.
"""

from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.errors import Code, Refusal
from foundation.subjects import Subject
from quota import store

a = store.approval

WAITS_MS = 86_400_000
"""What was asked for a day ago is forgotten: whoever wants it now asks again."""


class Approval(msgspec.Struct, frozen=True, kw_only=True):
    """An act that waits for its second person. `asked_at` is an instant."""

    id: int
    act: str
    author: str
    reason: str | None
    asked_at: int


def person(name: str) -> str:
    """One person, however the name is typed."""
    return name.strip().casefold()


def is_same(one: str | None, other: str) -> bool:
    """Whether two names are one person's. Nobody is not the same as anybody."""
    return one is not None and person(one) == person(other)


def second_person_needed(author: str, act: str) -> Refusal:
    """Refusal: somebody other than `author` has to do this."""
    return Refusal(Code.SECOND_PERSON_NEEDED, author=author, act=act)


async def waiting(conn: AsyncConnection, subject: Subject, act: str, now: int) -> Approval | None:
    """What waits for a second person, if it is not too old."""
    here = (a.c.subject_kind == subject.kind, a.c.subject_id == subject.id, a.c.act == act)
    open_ = (a.c.approver.is_(None), a.c.asked_at > now - WAITS_MS)
    columns = (a.c.id, a.c.act, a.c.author, a.c.reason, a.c.asked_at)
    found = sa.select(*columns).where(*here, *open_).order_by(a.c.id.desc()).limit(1)
    row = (await conn.execute(found)).one_or_none()
    return None if row is None else Approval(**row._mapping)


async def ask(
    conn: AsyncConnection, subject: Subject, act: str, author: str, reason: str | None, now: int
) -> None:
    """Write that `author` wants this act."""
    values: dict[str, Any] = {"subject_kind": subject.kind, "subject_id": subject.id, "act": act}
    values |= {"author": person(author), "reason": reason, "asked_at": now}
    await conn.execute(sa.insert(a).values(values))


async def approve(conn: AsyncConnection, asked: Approval, approver: str, now: int) -> None:
    """Write that `approver` wants it too. Raises IntegrityError for its author: callers look with `is_same`."""
    given = sa.update(a).where(a.c.id == asked.id).values(approver=person(approver), approved_at=now)
    await conn.execute(given)


async def done_by_two(
    conn: AsyncConnection, subject: Subject, act: str, author: str, approver: str, now: int
) -> None:
    """Write an act whose two people came one after the other in another way, such as announcing and arming."""
    values: dict[str, Any] = {"subject_kind": subject.kind, "subject_id": subject.id, "act": act}
    values |= {"author": person(author), "asked_at": now, "approver": person(approver), "approved_at": now}
    await conn.execute(sa.insert(a).values(values))
