"""Roles: who may do what kind of thing, as grants with dates; one function decides (P16).

A candidate's role comes with the account and is not granted; all others are rows of `role_grant`, whose beginning, end
and author are on record. A grant is ended, never deleted.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from enum import StrEnum

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.store import role_grant
from foundation.audit import By, acting
from foundation.errors import Code, Refusal
from foundation.sql.tables import plain_row


class Role(StrEnum):
    """What a person may do in this service."""

    CANDIDATE = "candidate"
    """Applies: has drafts, a place in line, submissions. Comes with the account."""
    AGENT = "agent"
    """Handles files: reads them, asks for what is missing, decides."""
    CLERK = "clerk"
    """Registers what comes by post and keeps lists in order; decides nothing."""
    OPERATOR = "operator"
    """Steers periods: announces, opens, paces, pauses, closes."""
    APPROVER = "approver"
    """Is the second person of a dangerous act (P17); never of one's own."""
    AUDITOR = "auditor"
    """Reads the audit and every look, and changes nothing."""
    ADMINISTRATOR = "administrator"
    """Grants roles and ends them; sees no file."""


class HolderKind(StrEnum):
    """Who can hold a role."""

    ACCOUNT = "account"
    """A candidate's account, `account.id`."""
    OPERATOR = "operator"
    """A member of staff, `operator.id`."""


class RoleGrant(msgspec.Struct, frozen=True):
    """A role from one instant on, up to another (which is outside) or until further notice."""

    role: str
    from_at: int
    until_at: int | None

    def at(self, instant: int) -> bool:
        """Whether it is in force at this instant."""
        return self.from_at <= instant and (self.until_at is None or instant < self.until_at)


def holds(grants: Iterable[RoleGrant], role: Role, at: int) -> bool:
    """Whether one of these grants gives this role at this instant. Pure."""
    return any(grant.role == role and grant.at(at) for grant in grants)


STAFF = tuple(role for role in Role if role is not Role.CANDIDATE)
"""The roles that are granted, in the order in which they are told."""


def require(grants: Collection[RoleGrant], wanted: Collection[Role], at: int) -> Role:
    """The first of the wanted roles that these grants give at this instant: in it whatever follows is done.

    The one decision on who of the staff may do what (P16). Refusal not_your_role where none of them does. Pure.
    """
    for role in wanted:
        if holds(grants, role, at):
            return role
    raise Refusal(Code.NOT_YOUR_ROLE)


async def grants_of(conn: AsyncConnection, kind: HolderKind, holder: int) -> list[RoleGrant]:
    """Every grant of this holder, ended ones too."""
    g = role_grant.c
    theirs = sa.select(g.role, g.from_at, g.until_at).where(g.holder_kind == kind, g.holder == holder)
    return [msgspec.convert(plain_row(row), RoleGrant) for row in await conn.execute(theirs)]


async def grants_of_each(
    conn: AsyncConnection, kind: HolderKind, holders: Collection[int]
) -> dict[int, list[RoleGrant]]:
    """Holder -> every grant of theirs, ended ones too; those without any are not in it."""
    g, found = role_grant.c, defaultdict[int, list[RoleGrant]](list)
    theirs = sa.select(g.holder, g.role, g.from_at, g.until_at).where(
        g.holder_kind == kind, g.holder.in_(holders)
    )
    for row in await conn.execute(theirs):
        found[row.holder].append(RoleGrant(role=row.role, from_at=row.from_at, until_at=row.until_at))
    return dict(found)


async def grant(
    conn: AsyncConnection,
    kind: HolderKind,
    holder: int,
    role: Role,
    by: By,
    now: int,
    until_at: int | None = None,
) -> bool:
    """Grant a role from now on; False when it is held already. The caller records it in the audit."""
    if holds(await grants_of(conn, kind, holder), role, now):
        return False
    row = {
        "holder_kind": kind,
        "holder": holder,
        "role": role,
        "from_at": now,
        "until_at": until_at,
        "granted_by": acting(by).name,
        "granted_at": now,
    }
    await conn.execute(sa.insert(role_grant).values(row))
    return True


async def end(conn: AsyncConnection, kind: HolderKind, holder: int, role: Role, now: int) -> bool:
    """End a role now; False when it is not held. The caller records it in the audit."""
    g = role_grant.c
    theirs = (g.holder_kind == kind, g.holder == holder, g.role == role)
    in_force = sa.or_(g.until_at.is_(None), g.until_at > now)
    ended = await conn.execute(sa.update(role_grant).where(*theirs, in_force).values(until_at=now))
    return bool(ended.rowcount)
