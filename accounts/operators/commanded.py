"""Roles of staff from the command line: what takes two people from a page takes two from there (P17, ADR 0039).

The command asks, and the second person confirms on the page, as they would for an administrator's. While nobody there
could confirm it, as in an empty house, the command grants: the first ones come from somewhere.
"""

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import staff, store
from accounts.operators import granting
from accounts.roles import HolderKind, Role
from accounts.staff import StaffProblem
from foundation import audit
from foundation.audit import By

g, o = store.role_grant.c, store.operator.c


async def add(
    conn: AsyncConnection,
    username: str,
    password: str,
    wanted: Collection[Role],
    now: int,
    by: By,
    *,
    totp_secret: str | None = None,
    reason: str | None = None,
) -> tuple[Role, ...]:
    """Make a member of staff, and grant what takes one. The roles that wait for a second person; none while nobody
    could confirm them.

    Raises StaffProblem as `staff.add_operator`, and where roles wait for an actor who is no administrator.
    """
    asked: tuple[Role, ...] = ()
    if await somebody_confirms(conn, None, now):
        await _administers(conn, by, now)
        asked = tuple(role for role in wanted if role in granting.BY_TWO)
    at_once = [role for role in wanted if role not in asked]
    id = await staff.add_operator(conn, username, password, now, by, totp_secret=totp_secret, granted=at_once)
    for role in asked:
        await granting.ask(conn, id, role, reason, by, now)
    return asked


async def grant(
    conn: AsyncConnection, username: str, role: Role, now: int, by: By, reason: str | None = None
) -> bool:
    """Grant a member of staff a role, or ask for it; whether it is held now. Raises StaffProblem as
    `granting.ask`."""
    member = await staff.existing(conn, username)
    if await somebody_confirms(conn, member.id, now):
        return await granting.ask(conn, member.id, role, reason, by, now)
    await staff.grant_role(conn, username, role, now, by, reason=reason)
    return True


async def end(conn: AsyncConnection, username: str, role: Role, now: int, by: By) -> None:
    """End a role now; what was asked for and waits is taken back, or declined. Raises StaffProblem as
    `staff.end_role`."""
    member = await staff.existing(conn, username)
    for one in await granting.waiting(conn, now):
        if (one.member, one.role) == (member.id, role):
            await granting.drop(conn, one.id, None, by, now)
    await staff.end_role(conn, username, role, now, by)


async def somebody_confirms(conn: AsyncConnection, about: int | None, now: int) -> bool:
    """Whether anybody but the one whom it is about could be the second person, from a page."""
    theirs = (
        sa.select(g.holder)
        .join(store.operator, g.holder == o.id)
        .where(g.holder_kind == HolderKind.OPERATOR, o.removed_at.is_(None), g.holder != (about or 0))
        .where(g.role.in_(granting.CONFIRMING), g.from_at <= now)
        .where(sa.or_(g.until_at.is_(None), g.until_at > now))
    )
    return (await conn.execute(theirs.limit(1))).first() is not None


async def _administers(conn: AsyncConnection, by: By, now: int) -> None:
    """Raises StaffProblem for whoever `--as` names and who grants nothing: an operator makes operators in a house
    without administrators alone."""
    name = audit.acting(by).name
    if name != audit.COMMAND_LINE and await staff.acting(conn, name, Role.ADMINISTRATOR, now) is None:
        raise StaffProblem(
            "Here roles take a second person, and --as names an administrator: `guichet operator list` has them.",
            "not_your_role",
        )
