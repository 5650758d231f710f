"""Roles of staff by two people: who asks for one, who confirms it, and nobody for themselves (P17, ADR 0038).

A role by which somebody may be the second person of a dangerous act would let one administrator be two people, so it
takes a second one: another administrator, or an approver. To end a role takes one, at once.
"""

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import roles, staff, store
from accounts.acts import AccountAct
from accounts.operators import names
from accounts.roles import HolderKind, Role
from accounts.staff import StaffMember, StaffProblem
from foundation import audit
from foundation.audit import By
from foundation.errors import Code, Refusal
from foundation.subjects import Subject
from quota import approvals
from quota.approvals import Approval
from quota.store import approval

BY_TWO = (Role.AGENT, Role.OPERATOR, Role.APPROVER, Role.ADMINISTRATOR)
"""Roles whose holder may be somebody's second person, or decide about files and money."""

ASKING = (Role.ADMINISTRATOR,)

CONFIRMING = (Role.ADMINISTRATOR, Role.APPROVER)

ACT = "role_grant:"
"""How the act of an approval begins; the role follows."""

a, g, o = approval, store.role_grant, store.operator


class AskedRole(msgspec.Struct, frozen=True, kw_only=True):
    """A role that waits for its second person. `member` is `operator.id`, `asked_at` an instant."""

    id: int
    member: int
    username: str
    role: Role
    author: str
    reason: str | None
    asked_at: int


class HeldRole(msgspec.Struct, frozen=True, kw_only=True):
    """A role of a member of staff: since when (instant), until when if it ends, and who granted it."""

    role: Role
    from_at: int
    until_at: int | None
    granted_by: str


async def ask(conn: AsyncConnection, id: int, role: Role, reason: str | None, by: By, now: int) -> bool:
    """Grant a member of staff a role, or ask for it where that takes two; whether it is granted now.

    What is held already stays as it is, and what waits already is not asked for twice. Raises StaffProblem for nobody,
    for a candidate's role, and for a role of one's own.
    """
    member = await existing(conn, id)
    staff.may_be_changed(member, role, by)
    held = await staff.roles_held(conn, member, now)
    if role in held:
        return True
    if role not in BY_TWO:
        await _granted(conn, member, role, held, by, now, reason=reason)
        return True
    if not any((one.member, one.role) == (id, role) for one in await waiting(conn, now)):
        subject = Subject.row(store.OPERATOR, member.id)
        await approvals.ask(conn, subject, f"{ACT}{role}", audit.acting(by).name, reason, now)
        await staff.recorded(conn, by, AccountAct.ROLE_ASK, member, now, None, None, reason, asked_role=role)
    return False


async def confirm(conn: AsyncConnection, asked_id: int, by: By, now: int) -> AskedRole:
    """Grant what somebody else asked for.

    Refusals not_found for what does not wait any more, second_person_needed for whoever asked for it; raises
    StaffProblem for the member whom it is about.
    """
    asked, member, waits = await _locked(conn, asked_id, by, now)
    name = audit.acting(by).name
    if approvals.is_same(asked.author, name):
        raise approvals.second_person_needed(asked.author, "role_grant")
    await approvals.approve(conn, waits, name, now)
    held = await staff.roles_held(conn, member, now)
    await _granted(conn, member, asked.role, held, by, now, reason=asked.reason, asked_by=asked.author)
    return asked


async def drop(conn: AsyncConnection, asked_id: int, reason: str | None, by: By, now: int) -> AskedRole:
    """Take back what one asked for oneself, or decline what somebody else did: nothing is granted, and it may be asked
    for anew.

    Refusal not_found for what does not wait any more; raises StaffProblem for the member whom it is about, who has no
    say in roles of their own.
    """
    asked, member, _ = await _locked(conn, asked_id, by, now)
    name = audit.acting(by).name
    await conn.execute(sa.delete(a).where(a.c.id == asked.id))
    act = AccountAct.ROLE_WITHDRAW if approvals.is_same(asked.author, name) else AccountAct.ROLE_DECLINE
    await staff.recorded(
        conn, by, act, member, now, None, None, reason, asked_role=asked.role, asked_by=asked.author
    )
    return asked


async def waiting(conn: AsyncConnection, now: int) -> list[AskedRole]:
    """Every role that waits for its second person, the oldest first.

    What was asked for a day ago is forgotten; so is what was asked for somebody who was removed since, also where they
    were added again, and what was asked by somebody who may not ask any more.
    """
    found = (
        sa.select(a.c.id, o.c.id.label("member"), o.c.username, a.c.act, a.c.author, a.c.reason, a.c.asked_at)
        .join(o, sa.cast(o.c.id, sa.Text) == a.c.subject_id)
        .where(a.c.subject_kind == store.OPERATOR, a.c.approver.is_(None), o.c.removed_at.is_(None))
        .where(a.c.asked_at > now - approvals.WAITS_MS, a.c.asked_at >= o.c.created_at)
        .where(a.c.act.startswith(ACT, autoescape=True))
        .order_by(a.c.id)
    )
    rows = (await conn.execute(found)).all()
    may = {author: await _may_ask(conn, author, now) for author in {row.author for row in rows}}
    return [
        AskedRole(
            id=row.id, member=row.member, username=row.username, role=Role(row.act.removeprefix(ACT)),
            author=row.author, reason=row.reason, asked_at=row.asked_at,
        )
        for row in rows
        if may[row.author]
    ]  # fmt: skip


async def _may_ask(conn: AsyncConnection, author: str, now: int) -> bool:
    """Whether whoever asked still may: an administrator now, or the command line."""
    return author == audit.COMMAND_LINE or await staff.acting(conn, author, *ASKING, now) is not None


async def held_roles(conn: AsyncConnection, id: int) -> list[HeldRole]:
    """Every role that a member of staff holds or held, the newest first."""
    theirs = (g.c.holder_kind == HolderKind.OPERATOR, g.c.holder == id)
    found = sa.select(g.c.role, g.c.from_at, g.c.until_at, g.c.granted_by).where(*theirs)
    return [
        HeldRole(role=Role(row.role), from_at=row.from_at, until_at=row.until_at, granted_by=row.granted_by)
        for row in await conn.execute(found.order_by(g.c.from_at.desc(), g.c.id.desc()))
    ]


async def existing(conn: AsyncConnection, id: int) -> StaffMember:
    """The member of this number, locked. Raises StaffProblem for nobody, and for one who was removed."""
    member = await staff.by_id(conn, id, locked=True)
    if member is None or names.is_reserved(member.username):
        raise StaffProblem("There is no operator of this number.", "no_operator")
    return member


async def _locked(
    conn: AsyncConnection, asked_id: int, by: By, now: int
) -> tuple[AskedRole, StaffMember, Approval]:
    """What waits, with its member locked and read anew under that lock: of two who press at once one finds nothing.

    Refusal not_found; raises StaffProblem for a role of one's own.
    """
    asked = next((one for one in await waiting(conn, now) if one.id == asked_id), None)
    if asked is None:
        raise Refusal(Code.NOT_FOUND)
    member = await existing(conn, asked.member)
    waits = await approvals.waiting(conn, Subject.row(store.OPERATOR, member.id), f"{ACT}{asked.role}", now)
    if waits is None or waits.id != asked.id:
        raise Refusal(Code.NOT_FOUND)
    staff.may_be_changed(member, asked.role, by)
    return asked, member, waits


async def _granted(
    conn: AsyncConnection,
    member: StaffMember,
    role: Role,
    held: list[str],
    by: By,
    now: int,
    *,
    reason: str | None,
    **detail: str,
) -> None:
    if not await roles.grant(conn, HolderKind.OPERATOR, member.id, role, by, now):
        return
    after = {"roles": sorted({*held, role})}
    await staff.recorded(
        conn, by, AccountAct.ROLE_GRANT, member, now, {"roles": held}, after, reason, **detail
    )  # fmt: skip
