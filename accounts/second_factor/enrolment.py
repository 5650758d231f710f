"""Set up a candidate's second factor and take it away: offered, never imposed.

A secret counts once its first code was typed, so that nobody is kept out by a telephone that did not take it. Who has
lost telephone and recovery codes has an agent for it: `take_away`.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import sessions
from accounts.acts import AccountAct
from accounts.attempts import throttling
from accounts.email_change.settling import holder
from accounts.events.events import NOWHERE, Origin, note, origin_of
from accounts.events.states import AccountEventKind
from accounts.own_account.changes import end_others, prove_password
from accounts.personal_data.fields import PersonalFields
from accounts.second_factor import mails, pending, proof, totp
from accounts.second_factor.store import second_factor
from accounts.services import AccountServices
from accounts.sessions import Session
from accounts.states import SessionRole
from accounts.store import ACCOUNT
from foundation import audit
from foundation.audit import Actor, By
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from foundation.mail.outgoing import post
from foundation.sql.tables import insert_for
from foundation.subjects import Subject
from server.requests import Incoming

ROLE = SessionRole.CANDIDATE

REPEATED_MS = 60_000
"""For so long the same first code is answered as it was: a form that is sent twice."""

f = second_factor


async def state_of(services: AccountServices, account: int) -> int | None:
    """How many recovery codes are left of an account's second factor; None without one."""
    stored = await services.db.read(lambda conn: proof.of(conn, services.totp, account))
    return None if stored is None else len(stored.codes)


async def begin(services: AccountServices, came: Incoming, session: Session, password: str) -> str:
    """A fresh secret, to be typed into an authenticator. Refusals rate_limited, bad_credentials, changed_meanwhile."""
    await prove_password(services, came, session, password)
    secret = totp.new()
    sealed = pending.sealed(services.totp, totp.candidate_field(session.owner, "secret"), secret, now_ms())

    async def write(conn: AsyncConnection) -> None:
        if await proof.of(conn, services.totp, session.owner) is not None:
            raise Refusal(Code.CHANGED_MEANWHILE)
        row = insert_for(conn, f).values(account=session.owner, pending=sealed)
        await conn.execute(row.on_conflict_do_update(index_elements=[f.c.account], set_={"pending": sealed}))

    await services.db.write(write)
    return secret


async def waiting(services: AccountServices, account: int) -> str | None:
    """The secret whose first code is waited for."""
    found = sa.select(f.c.pending).where(f.c.account == account, f.c.secret.is_(None))
    stored = (await services.db.read(lambda conn: conn.execute(found))).scalar_one_or_none()
    return pending.opened(services.totp, totp.candidate_field(account, "secret"), stored, now_ms())


async def confirm(services: AccountServices, came: Incoming, session: Session, typed: str) -> list[str]:
    """The first code: from now on one is asked for. The recovery codes, which are shown once.

    A button that is pressed twice is answered twice with them: only the second answer is seen. Refusals rate_limited,
    bad_code.
    """
    key = await pending.charge(services, ROLE, session.username)
    secret, now = await waiting(services, session.owner), now_ms()
    if secret is None:
        return await services.db.write(lambda conn: _confirmed(conn, services, session, typed, key))
    step = totp.step_of(secret, typed, now, None)
    if step is None:
        raise Refusal(Code.BAD_CODE)
    codes = proof.new_codes()
    values: dict[str, Any] = {
        "secret": services.totp.encrypt(secret, totp.candidate_field(session.owner, "secret")),
        "pending": None,
        "step": step,
        "codes": proof.sealed_codes(services.totp, session.owner, codes),
        "set_at": now,
    }
    origin = origin_of(services.secret, came)

    async def write(conn: AsyncConnection) -> list[str]:
        waits = (f.c.account == session.owner, f.c.secret.is_(None), f.c.pending.is_not(None))
        if (await conn.execute(sa.update(f).where(*waits).values(values))).rowcount == 0:
            return await _confirmed(conn, services, session, typed, key)
        await throttling.forgive(conn, key)
        await end_others(conn, session.owner, sessions.shown(came, ROLE))
        who = Actor(f"account {session.owner}", ROLE)
        await _told(conn, services.personal, session.owner, who, now, origin, is_set=True)
        return codes

    return await services.db.write(write)


async def _confirmed(
    conn: AsyncConnection, services: AccountServices, session: Session, typed: str, key: str
) -> list[str]:
    """The recovery codes again, for the code that has just brought them. Refusal bad_code for any other."""
    stored, now = await proof.of(conn, services.totp, session.owner), now_ms()
    lately = sa.select(f.c.account).where(f.c.account == session.owner, f.c.set_at > now - REPEATED_MS)
    is_new = (await conn.execute(lately)).one_or_none() is not None
    is_whole = stored is not None and len(stored.codes) == proof.RECOVERY_CODES
    if stored is None or not is_new or not is_whole:
        raise Refusal(Code.BAD_CODE)
    step = totp.step_of(stored.secret, typed, now, None)
    if step is None or step != stored.step:
        raise Refusal(Code.BAD_CODE)
    await throttling.forgive(conn, key)
    return stored.codes


async def remove(
    services: AccountServices, came: Incoming, session: Session, password: str, typed: str
) -> None:
    """Take it away: password and code are asked for. Refusals rate_limited, bad_credentials, bad_code."""
    await prove_password(services, came, session, password)
    key = throttling.key_of(services.secret, session.username, "second factor")
    await services.db.write(lambda conn: throttling.charge(conn, key, now_ms()))
    origin = origin_of(services.secret, came)

    async def write(conn: AsyncConnection) -> None:
        stored = await proof.of(conn, services.totp, session.owner)
        if stored is None:
            return
        if proof.match(stored, typed, now_ms()) is None:
            raise Refusal(Code.BAD_CODE)
        await throttling.forgive(conn, key)
        who = Actor(f"account {session.owner}", ROLE)
        await take_away(conn, services.personal, session.owner, who, now_ms(), origin=origin)

    await services.db.write(write)


async def take_away(
    conn: AsyncConnection,
    personal: PersonalFields,
    account: int,
    by: By,
    now: int,
    *,
    origin: Origin = NOWHERE,
    reason: str | None = None,
) -> None:
    """Take an account's second factor away: what an agent does who has made sure of its owner's identity."""
    removed = await conn.execute(sa.delete(f).where(f.c.account == account))
    if removed.rowcount:
        await _told(conn, personal, account, by, now, origin, is_set=False, reason=reason)


async def _told(
    conn: AsyncConnection,
    personal: PersonalFields,
    account: int,
    by: By,
    now: int,
    origin: Origin,
    *,
    is_set: bool,
    reason: str | None = None,
) -> None:
    kind = AccountEventKind.FACTOR_SET if is_set else AccountEventKind.FACTOR_REMOVED
    about, whose = Subject.row(ACCOUNT, account), await holder(conn, personal, account)
    if whose.email:
        await post(conn, mails.factor(whose.email, is_set=is_set), about, now, key=f"{kind}:{account}:{now}")
    await note(conn, account, kind, now, origin)
    after = {"second_factor": is_set}
    await audit.record(conn, by, AccountAct.FACTOR_CHANGE, about, now, after=after, reason=reason)
