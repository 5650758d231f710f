"""Staff: the people of the office, as rows: who there is, and how they come, change and go, each on the record.

A member who was removed keeps their row, so that what they did still names them; nobody signs in under the name until
it is added again. How they sign in is `operators/sign_in.py`'s.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import roles, sessions, store
from accounts.acts import AccountAct
from accounts.identities import known_as
from accounts.normalisation import opaque
from accounts.operators import names
from accounts.operators.names import WrongName
from accounts.passwords import COST
from accounts.roles import HolderKind, Role
from accounts.states import SessionRole
from foundation import audit
from foundation.audit import By
from foundation.sql.tables import insert_for, plain_row
from foundation.subjects import Subject

o = store.operator


NO_FACTOR: dict[str, Any] = {
    "totp_secret": None, "totp_step": None, "totp_pending": None, "codes": None, "codes_until": None,
}  # fmt: skip
"""The columns of a member without a second factor."""


class StaffMember(msgspec.Struct, frozen=True, kw_only=True):
    """An operator's row, without those of nobody any more. `totp_secret` is encrypted; None without a second factor.

    `codes` are encrypted too: recovery codes beside a secret, and without one the code to enter once with, which is
    good until `codes_until` (instant).
    """

    id: int
    username: str
    password_hash: str
    totp_secret: str | None = None
    totp_step: int | None = None
    codes: str | None = None
    codes_until: int | None = None

    @property
    def has_factor(self) -> bool:
        """Whether a code is asked for at the sign-in."""
        return self.totp_secret is not None or self.codes is not None


class ListedMember(msgspec.Struct, frozen=True, kw_only=True):
    """What `guichet operator list` and the staff's page say of somebody: instants, roles held now, sessions that have
    not ended. `enters` is whether they have a code to enter once with, or entered and set up nothing yet."""

    id: int
    username: str
    roles: list[str]
    totp: bool
    enters: bool
    created_at: int
    last_sign_in_at: int | None
    sessions: int
    removed_at: int | None


class StaffProblem(RuntimeError):
    """What was asked for cannot be done to this member of staff; the text is a sentence that says why.

    `cause` is the same as one word, for the audit.
    """

    def __init__(self, sentence: str, cause: str) -> None:
        super().__init__(sentence)
        self.cause = cause


async def add_operator(
    conn: AsyncConnection,
    username: str,
    password: str,
    now: int,
    by: By = audit.COMMAND_LINE,
    *,
    totp_secret: str | None = None,
    entry: Mapping[str, Any] | None = None,
    hashed: str | None = None,
    granted: Sequence[Role] = (Role.OPERATOR,),
) -> int:
    """Make a member of staff, on the record, and grant the roles: an operator's where nothing else is said. One who was
    removed is made anew; nobody is overwritten. The number of their row.

    `hashed` is the password as a hasher made it off the event loop; it is hashed here without. `totp_secret` as it is
    stored, encrypted; `entry` are the columns of a code to enter once with
    (`operators/enrolment.py`). Raises StaffProblem for one who exists, and for a name that nobody may have.
    """
    try:
        known = names.checked(username)
    except WrongName as wrong:
        raise StaffProblem(str(wrong), "wrong_name") from None
    await _unlike_others(conn, known)
    values = {
        "username": known, "password_hash": hashed or COST.hash(opaque(password)), "created_at": now,
        "removed_at": None, "last_sign_in_at": None, **NO_FACTOR, "totp_secret": totp_secret, **(entry or {}),
    }  # fmt: skip
    again = insert_for(conn, o).values(values).on_conflict_do_update(
        index_elements=["username"], set_=values, where=o.c.removed_at.is_not(None)
    )  # fmt: skip
    is_new = (await conn.execute(sa.select(o.c.id).where(o.c.username == known))).first() is None
    owner = (await conn.execute(again.returning(o.c.id))).scalar_one_or_none()
    if owner is None:
        raise StaffProblem(
            f"There is an operator {known} already, and stays as they are: "
            f"`guichet operator password {known}` sets a new password.",
            "operator_exists",
        )
    for role in granted:
        await roles.grant(conn, HolderKind.OPERATOR, owner, role, by, now)
    after = {"granted": list(granted), "totp": totp_secret is not None}
    subject = Subject.row(store.OPERATOR, owner)
    await audit.record(
        conn, by, AccountAct.OPERATOR_ADD, subject, now, after=after, username=known, is_new=is_new
    )
    return int(owner)


async def _unlike_others(conn: AsyncConnection, known: str) -> None:
    """Two people whose names an eye takes for the same are one person in a list. Raises StaffProblem."""
    others = sa.select(o.c.username).where(o.c.removed_at.is_(None), o.c.username != known)
    for other in (await conn.execute(others)).scalars():
        if names.look_alike(other) == names.look_alike(known):
            raise StaffProblem(
                f"{known} looks like {other}, who is an operator already: choose another name.", "looks_alike"
            )


async def set_password(
    conn: AsyncConnection, username: str, password: str, now: int, by: By = audit.COMMAND_LINE
) -> None:
    """Give an operator a new password, on the record, which ends their sessions. Raises StaffProblem for nobody."""
    member = await existing(conn, username)
    await write(conn, member.id, {"password_hash": COST.hash(opaque(password))})
    ended = await sessions.end_all(conn, SessionRole.OPERATOR, member.id)
    await recorded(conn, by, AccountAct.OPERATOR_PASSWORD, member, now, {"sessions": ended}, {"sessions": 0})


async def set_totp(
    conn: AsyncConnection, username: str, totp_secret: str | None, now: int, by: By = audit.COMMAND_LINE
) -> None:
    """Give an operator another second factor (its secret, encrypted) or none, which ends their sessions; on the record.

    Raises StaffProblem for nobody.
    """
    member = await existing(conn, username)
    values = NO_FACTOR | {"totp_secret": totp_secret}
    await write(conn, member.id, values)
    ended = await sessions.end_all(conn, SessionRole.OPERATOR, member.id)
    before = {"totp": member.totp_secret is not None, "sessions": ended}
    await recorded(conn, by, AccountAct.OPERATOR_TOTP, member, now, before, {"totp": totp_secret is not None})


async def remove(
    conn: AsyncConnection, username: str, now: int, by: By = audit.COMMAND_LINE, reason: str | None = None
) -> None:
    """Take an operator off: no session, no role, no secret is left, and the name stays in the audit; on the record.

    Raises StaffProblem for nobody.
    """
    member = await existing(conn, username)
    held = await roles_held(conn, member, now)
    for role in held:
        await roles.end(conn, HolderKind.OPERATOR, member.id, Role(role), now)
    gone = {"removed_at": now, "password_hash": "", **NO_FACTOR}
    # First the row, whose lock a sign-in takes too: no session begins after those that are there were ended.
    await write(conn, member.id, gone)
    ended = await sessions.end_all(conn, SessionRole.OPERATOR, member.id)
    before = {"roles": held, "totp": member.totp_secret is not None, "sessions": ended}
    await recorded(
        conn, by, AccountAct.OPERATOR_REMOVE, member, now, before, {"roles": [], "sessions": 0}, reason
    )


async def grant_role(
    conn: AsyncConnection,
    username: str,
    role: Role,
    now: int,
    by: By,
    until_at: int | None = None,
    reason: str | None = None,
) -> None:
    """Grant a member of staff a role from now on, on the record; one that is held already stays as it is.

    Raises StaffProblem for nobody, for a candidate's role, and for a grant to oneself (P17).
    """
    member = await existing(conn, username)
    may_be_changed(member, role, by)
    held = await roles_held(conn, member, now)
    if await roles.grant(conn, HolderKind.OPERATOR, member.id, role, by, now, until_at):
        after = {"roles": sorted({*held, role})}
        await recorded(conn, by, AccountAct.ROLE_GRANT, member, now, {"roles": held}, after, reason)


async def end_role(
    conn: AsyncConnection, username: str, role: Role, now: int, by: By, reason: str | None = None
) -> None:
    """End a role of a member of staff now, on the record; who does not hold it stays as they are.

    Raises StaffProblem as `grant_role`.
    """
    member = await existing(conn, username)
    may_be_changed(member, role, by)
    held = await roles_held(conn, member, now)
    if await roles.end(conn, HolderKind.OPERATOR, member.id, role, now):
        after = {"roles": [one for one in held if one != role]}
        await recorded(conn, by, AccountAct.ROLE_END, member, now, {"roles": held}, after, reason)


def may_be_changed(member: StaffMember, role: Role, by: By) -> None:
    """Raises StaffProblem for a candidate's role, and for a role of one's own (P17)."""
    if role is Role.CANDIDATE:
        raise StaffProblem(
            "A candidate's role comes with an account, and is granted to nobody.", "wrong_role"
        )
    if audit.acting(by).name == member.username:
        raise StaffProblem("Nobody grants a role to themselves, or ends one of theirs.", "own_role")


async def write(conn: AsyncConnection, id: int, values: Mapping[str, Any]) -> None:
    """Write these columns of a member; the caller records it."""
    await conn.execute(sa.update(o).where(o.c.id == id).values(values))


async def roles_held(conn: AsyncConnection, member: StaffMember, now: int) -> list[str]:
    """The roles that they hold now, in the order of the alphabet."""
    grants = await roles.grants_of(conn, HolderKind.OPERATOR, member.id)
    return sorted({grant.role for grant in grants if grant.at(now)})


async def existing(conn: AsyncConnection, username: str) -> StaffMember:
    """The operator with this name as it was typed. Raises StaffProblem for nobody, and for one who was removed."""
    member = await by_username(conn, known_as(username))
    if member is None:
        raise StaffProblem(
            "There is no operator of this name: `guichet operator list` has them all.", "no_operator"
        )
    return member


async def by_username(conn: AsyncConnection, username: str) -> StaffMember | None:
    """The operator with this name, as `known_as` writes it; None for one who was removed."""
    return await _one(conn, o.c.username == username)


async def by_id(conn: AsyncConnection, id: int, *, locked: bool = False) -> StaffMember | None:
    """The operator of this number; None for one who was removed. `locked` until the transaction ends."""
    return await _one(conn, o.c.id == id, locked=locked)


async def _one(
    conn: AsyncConnection, which: sa.ColumnElement[bool], *, locked: bool = False
) -> StaffMember | None:
    columns = [o.c[name] for name in StaffMember.__struct_fields__]
    found = sa.select(*columns).where(which, o.c.removed_at.is_(None))
    row = (await conn.execute(found.with_for_update() if locked else found)).one_or_none()
    return None if row is None else StaffMember(**plain_row(row))


async def acting(conn: AsyncConnection, username: str, role: Role, now: int) -> StaffMember | None:
    """The member of staff with this name, as `known_as` writes it, who holds the role now; None for anybody else.

    A reserved name is nobody's, even where an earlier release let somebody have it.
    """
    member = None if names.is_reserved(username) else await by_username(conn, username)
    if member is None:
        return None
    grants = await roles.grants_of(conn, HolderKind.OPERATOR, member.id)
    return member if roles.holds(grants, role, now) else None


async def listed(
    conn: AsyncConnection,
    now: int,
    *,
    removed: bool = False,
    only: int | None = None,
    skip: int = 0,
    most: int | None = None,
) -> list[ListedMember]:
    """Every operator by name; with `removed` those who were, too. `only` the one of this number; `most` of them, behind
    the first `skip`."""
    s = store.session
    awake = now - sessions.IDLE_MS[SessionRole.OPERATOR] - sessions.SEEN_EVERY_MS
    live = (
        sa.select(sa.func.count())
        .where(
            s.c.role == SessionRole.OPERATOR, s.c.owner == o.c.id, s.c.expires_at > now, s.c.seen_at > awake
        )
        .scalar_subquery()
    )
    columns = (
        o.c.id, o.c.username, o.c.totp_secret, o.c.codes, o.c.created_at, o.c.last_sign_in_at, o.c.removed_at,
    )  # fmt: skip
    wanted = sa.select(*columns, live.label("sessions")).order_by(o.c.username).offset(skip).limit(most)
    if not removed:
        wanted = wanted.where(o.c.removed_at.is_(None))
    if only is not None:
        wanted = wanted.where(o.c.id == only)
    rows = (await conn.execute(wanted)).all()
    grants = await roles.grants_of_each(conn, HolderKind.OPERATOR, [row.id for row in rows])
    return [
        ListedMember(
            id=row.id,
            username=row.username,
            roles=sorted({grant.role for grant in grants.get(row.id, ()) if grant.at(now)}),
            totp=row.totp_secret is not None,
            enters=row.totp_secret is None and row.codes is not None,
            created_at=row.created_at,
            last_sign_in_at=row.last_sign_in_at,
            sessions=row.sessions,
            removed_at=row.removed_at,
        )
        for row in rows
    ]


async def recorded(
    conn: AsyncConnection,
    by: By,
    act: AccountAct,
    member: StaffMember,
    now: int,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    reason: str | None = None,
    **detail: Any,
) -> None:
    """A line of the audit about a member of staff, last of all that its transaction writes."""
    subject = Subject.row(store.OPERATOR, member.id)
    detail = {"username": member.username, **detail}
    await audit.record(conn, by, act, subject, now, before=before, after=after, reason=reason, **detail)
