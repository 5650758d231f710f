"""Tries at somebody's account that its owner did not make: counted, and told to the owner (ADR 0021).

A wrong try from a browser in which the name signed in before is its owner's typing error and is not counted, nor are
those of the source from which the owner then signs in. A sign-in takes the count with it: the session has it, for the
account's pages, and the next one begins at zero. An account that is slowed also gets a notice, by a task of the outbox:
that is where a message by mail would be staged too.
"""

from enum import StrEnum

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import store
from accounts.states import SessionRole
from accounts.store import missed_attempt
from foundation import outbox
from foundation.sql.tables import insert_for
from foundation.subjects import Subject

DAY_MS = 86_400_000

m = missed_attempt.c


class AccountTask(StrEnum):
    """Kinds of tasks that an account has."""

    MISSED_NOTICE = "missed_notice"
    """A notice of wrong tries is filed in the account: at most one a day."""


class MissedAttempts(msgspec.Struct, frozen=True):
    """So many wrong tries since an instant; `knew_password` of them with the right password and wrong answers."""

    tries: int
    knew_password: int
    since: int

    def of_others(self, own: int) -> "MissedAttempts | None":
        """The same without so many of the owner's; None where nothing is left to tell. Pure."""
        tries = self.tries - own
        return MissedAttempts(tries, min(self.knew_password, tries), self.since) if tries > 0 else None


async def count(conn: AsyncConnection, role: SessionRole, owner: int, knew_password: bool, now: int) -> None:
    """Count one wrong try."""
    first = {"role": role, "owner": owner, "tries": 1, "knew_password": int(knew_password), "since": now}
    more = {"tries": m.tries + 1, "knew_password": m.knew_password + int(knew_password)}
    statement = insert_for(conn, missed_attempt).values(first)
    await conn.execute(statement.on_conflict_do_update(index_elements=["role", "owner"], set_=more))


async def of(conn: AsyncConnection, role: SessionRole, owner: int) -> MissedAttempts | None:
    """What was counted since the owner was told last; None for nothing."""
    theirs = (m.role == role, m.owner == owner)
    row = (await conn.execute(sa.select(m.tries, m.knew_password, m.since).where(*theirs))).one_or_none()
    return None if row is None else MissedAttempts(row.tries, row.knew_password, row.since)


async def take(conn: AsyncConnection, role: SessionRole, owner: int, own: int) -> MissedAttempts | None:
    """What is to be told to the owner, who signs in and made so many of the tries; counted from zero then."""
    found = await of(conn, role, owner)
    if found is None:
        return None
    await conn.execute(sa.delete(missed_attempt).where(m.role == role, m.owner == owner))
    return found.of_others(own)


async def stage_notice(conn: AsyncConnection, account: int, now: int) -> None:
    """Have a notice filed in this account, once a day however long it goes on."""
    kind, subject = AccountTask.MISSED_NOTICE, Subject.row(store.ACCOUNT, account)
    key = f"{outbox.key_of(kind, subject)}:{now // DAY_MS}"
    await outbox.stage(conn, kind, subject, now, key=key)
