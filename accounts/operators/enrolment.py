"""A member of staff sets up their own second factor, renews it and takes it away; somebody else can only take it away,
and hands them a code to enter once with.

Each change is on the record, ends the other sessions of its owner, and is told to them at their next sign-in
(`console/staff/own_access.py`). A secret counts once its first code was typed.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import sessions, staff, store
from accounts.acts import AccountAct
from accounts.attempts import failures, throttling
from accounts.attempts.challenge import Challenge, CountedAttempt, prove
from accounts.attempts.throttling import Slowdown
from accounts.normalisation import TypedSecret, opaque, typed_password
from accounts.operators import factor
from accounts.passwords import HashingLane
from accounts.second_factor import pending, proof, totp
from accounts.secrets import password_rules
from accounts.services import AccountServices
from accounts.sessions import Session
from accounts.staff import StaffMember, StaffProblem
from accounts.states import SessionRole, StaffTotp
from foundation import audit
from foundation.audit import By
from foundation.clock import now_ms
from foundation.encryption.fields import FieldCipher
from foundation.errors import Code, Refusal
from server.requests import Incoming

ROLE = SessionRole.OPERATOR

R = TypeVar("R")

o, s = store.operator, store.session


class OwnFactor(msgspec.Struct, frozen=True, kw_only=True):
    """What there is of somebody's second factor: `left` recovery codes; `may_remove` where the installation leaves it
    to them."""

    is_set: bool
    left: int
    may_remove: bool


async def own_factor(services: AccountServices, session: Session) -> OwnFactor:
    """The second factor of whoever is signed in. Refusal not_signed_in for one who was removed meanwhile."""
    member = await _member(services, session)
    is_set = member.totp_secret is not None
    left = len(factor.codes_left(services, member)) if is_set else 0
    may_remove = is_set and services.staff_totp is not StaffTotp.REQUIRED
    return OwnFactor(is_set=is_set, left=left, may_remove=may_remove)


async def begin(services: AccountServices, came: Incoming, session: Session, password: str, code: str) -> str:
    """A fresh secret, to be typed into an authenticator. Who has a second factor already shows it once more.

    Refusals rate_limited, bad_credentials, bad_code. Unavailable.
    """
    secret = totp.new()
    sealed = pending.sealed(services.totp, totp.field(session.username), secret, now_ms())

    async def write(conn: AsyncConnection, member: StaffMember) -> None:
        await staff.write(conn, member.id, {"totp_pending": sealed})

    await _proved(services, came, session, password, code, write)
    return secret


async def waiting(services: AccountServices, session: Session) -> str | None:
    """The secret whose first code is waited for."""
    found = sa.select(o.c.totp_pending).where(o.c.id == session.owner)
    stored = (await services.db.read(lambda conn: conn.execute(found))).scalar_one_or_none()
    return pending.opened(services.totp, totp.field(session.username), stored, now_ms())


async def confirm(
    services: AccountServices, came: Incoming, session: Session, typed: str, by: By
) -> list[str]:
    """The first code: from now on this factor is asked for, and no other one. The recovery codes, which are shown once.

    Refusals rate_limited, bad_code.
    """
    key = await pending.charge(services, ROLE, session.username)
    secret, now = await waiting(services, session), now_ms()
    step = None if secret is None else totp.step_of(secret, typed, now, None)
    if secret is None or step is None:
        raise Refusal(Code.BAD_CODE)
    made = proof.new_codes()
    values: dict[str, Any] = {
        "totp_secret": services.totp.encrypt(secret, totp.field(session.username)),
        "totp_pending": None,
        "totp_step": step,
        "codes": factor.sealed_codes(services.totp, session.username, made),
        "codes_until": None,
    }

    async def write(conn: AsyncConnection) -> None:
        member = await staff.by_id(conn, session.owner)
        here = (o.c.id == session.owner, o.c.removed_at.is_(None), o.c.totp_pending.is_not(None))
        if member is None or (await conn.execute(sa.update(o).where(*here).values(values))).rowcount == 0:
            raise Refusal(Code.BAD_CODE)
        await throttling.forgive(conn, key)
        await _changed(conn, came, member, by, now, is_set=True)

    await services.db.write(write)
    return made


async def remove(
    services: AccountServices, came: Incoming, session: Session, password: str, code: str, by: By
) -> None:
    """Take one's own away, where the installation leaves it to its staff. Refusals as `begin`; not_found elsewhere."""
    if services.staff_totp is StaffTotp.REQUIRED:
        raise Refusal(Code.NOT_FOUND)

    async def write(conn: AsyncConnection, member: StaffMember) -> None:
        if member.totp_secret is None:
            return
        await staff.write(conn, member.id, staff.NO_FACTOR)
        await _changed(conn, came, member, by, now_ms(), is_set=False)

    await _proved(services, came, session, password, code, write)


async def change_password(
    services: AccountServices, came: Incoming, session: Session, current: str, code: str, new: str, by: By
) -> None:
    """Another password of one's own. Refusals as `begin`, and password_weak (with `fields`)."""
    fault = password_rules.fault_of(new, (session.username,))
    if fault is not None:
        wrong = {"name": "new_password", "reason": password_rules.SENTENCES[fault]}
        raise Refusal(Code.PASSWORD_WEAK, fields=[wrong])
    (hashed,) = await services.hasher.hash(opaque(new), lane=HashingLane.STAFF)

    async def write(conn: AsyncConnection, member: StaffMember) -> None:
        await staff.write(conn, member.id, {"password_hash": hashed})
        ended = await _end_others(conn, came, member)
        act = AccountAct.OPERATOR_PASSWORD
        await staff.recorded(conn, by, act, member, now_ms(), None, None, sessions_ended=ended)

    await _proved(services, came, session, current, code, write)


async def reset(
    conn: AsyncConnection, cipher: FieldCipher, id: int, now: int, by: By, reason: str | None = None
) -> str:
    """Take somebody's second factor away and make the code with which they enter once, to set up another one. It is
    shown to whoever asks, once.

    Raises StaffProblem for nobody, and for oneself (P17).
    """
    member = await staff.by_id(conn, id)
    if member is None:
        raise StaffProblem("There is no operator of this number.", "no_operator")
    if audit.acting(by).name == member.username:
        raise StaffProblem("Nobody renews their own second factor this way.", "own_factor")
    code = factor.new_entry_code()
    values = staff.NO_FACTOR | entry(cipher, member.username, code, now)
    await staff.write(conn, member.id, values)
    ended = await sessions.end_all(conn, ROLE, member.id)
    before = {"totp": member.totp_secret is not None, "sessions": ended}
    await staff.recorded(
        conn, by, AccountAct.OPERATOR_TOTP, member, now, before, {"totp": False}, reason, entry_code=True
    )  # fmt: skip
    return code


def entry(cipher: FieldCipher, username: str, code: str, now: int) -> dict[str, Any]:
    """The columns of a member who enters once with this code."""
    sealed = factor.sealed_codes(cipher, username, [code])
    return {"codes": sealed, "codes_until": now + factor.ENTRY_LASTS_MS}


async def _proved(
    services: AccountServices,
    came: Incoming,
    session: Session,
    password: str,
    code: str,
    act: Callable[[AsyncConnection, StaffMember], Awaitable[R]],
) -> R:
    """Do this in one transaction if password and second factor of whoever is signed in were typed; a try counts as one
    at signing in: a session that somebody left open is no place to guess."""
    typed = typed_password(password, counts=True)

    def pairs(member: StaffMember | None) -> Sequence[tuple[str | None, TypedSecret]]:
        return ((None if member is None else member.password_hash, typed),)

    def is_right(member: StaffMember) -> bool:
        # Who entered with a code has nothing left to show: that they hold a session is all there is.
        return member.totp_secret is None or factor.match(services, member, code, now_ms()) is not None

    async def failed(conn: AsyncConnection, knew_password: bool) -> None:
        detail = {"knew_password": True} if knew_password else {}
        await failures.record(conn, session.username, Code.BAD_CREDENTIALS, now_ms(), **detail)

    async def done(conn: AsyncConnection, member: StaffMember, _counted: CountedAttempt[StaffMember]) -> R:
        if member.totp_secret is not None:
            await factor.required_use(conn, services, member, factor.match(services, member, code, now_ms()))
        return await act(conn, member)

    challenge = Challenge[StaffMember](
        role=ROLE,
        name=sessions.known_name(ROLE, session.username),
        slowdown=Slowdown.SHARED,
        lane=HashingLane.STAFF,
        find=lambda conn: staff.by_id(conn, session.owner),
        id=lambda member: member.id,
        pairs=pairs,
        refusals=(Code.BAD_CREDENTIALS,),
        factor=is_right,
        factor_refusal=Code.BAD_CODE,
        failed=failed,
    )
    return await prove(services, came, challenge, done)


async def _member(services: AccountServices, session: Session) -> StaffMember:
    member = await services.db.read(lambda conn: staff.by_id(conn, session.owner))
    if member is None:
        raise Refusal(Code.NOT_SIGNED_IN)
    return member


async def _changed(
    conn: AsyncConnection, came: Incoming, member: StaffMember, by: By, now: int, *, is_set: bool
) -> None:
    """End the owner's other sessions, and put it on the record."""
    ended = await _end_others(conn, came, member)
    before, after = {"totp": member.totp_secret is not None}, {"totp": is_set}
    await staff.recorded(conn, by, AccountAct.OPERATOR_TOTP, member, now, before, after, sessions_ended=ended)


async def _end_others(conn: AsyncConnection, came: Incoming, member: StaffMember) -> int:
    theirs = (s.c.role == ROLE, s.c.owner == member.id, s.c.digest != (sessions.shown(came, ROLE) or ""))
    return int((await conn.execute(sa.delete(s).where(*theirs))).rowcount)
