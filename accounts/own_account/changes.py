"""What the owner of an account changes in it: each change is on record, told by mail, and known to later looks.

Password, questions and identity ask for the current password: a session left open in a library is not enough. A change
of what one signs in with ends every other session.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import sessions, store
from accounts.acts import AccountAct
from accounts.candidates import MOST_QUESTIONS, Account
from accounts.events.events import events_of, note, origin_of
from accounts.events.states import AccountEventKind
from accounts.identities import Identity
from accounts.linkage.staging import stage_scan
from accounts.normalisation import opaque
from accounts.own_account import mails, profile
from accounts.own_account.mails import OwnerNotice
from accounts.own_account.profile import Profile
from accounts.own_data.password_again import with_password
from accounts.passwords import HashingLane
from accounts.personal_data import home_address
from accounts.personal_data.fields import ADDRESS, PersonalFields
from accounts.personal_data.home_address import HomeAddress
from accounts.recovery.redeeming import spend_links
from accounts.registration import application
from accounts.secrets import password_rules, questions
from accounts.services import AccountServices
from accounts.sessions import Session
from accounts.states import SessionRole
from foundation import audit
from foundation.audit import Actor, By
from foundation.clock import montreal, now_ms
from foundation.errors import Code, Refusal
from foundation.mail.outgoing import post
from foundation.subjects import Subject
from quota.programmes import Programme
from server.requests import Incoming

ROLE = SessionRole.CANDIDATE

REPEATED_MS = 60_000
"""For so long a form that comes again is the same one: a page sends it again until it has an answer."""

a, s = store.account, store.session


async def prove_password(services: AccountServices, came: Incoming, session: Session, typed: str) -> Account:
    """The account of the session, if this is its password. Refusals rate_limited, bad_credentials.

    A try counts as one at signing in: a session that somebody left open is no place to guess a password.
    """

    async def found(_conn: AsyncConnection, account: Account) -> Account:
        return account

    return await with_password(services, came, session, typed, found)


async def change_password(
    services: AccountServices, came: Incoming, session: Session, current: str, new: str
) -> None:
    """Another password; the one that was set a moment ago changes nothing. Refusals rate_limited, bad_credentials,
    password_weak (with `fields`). Unavailable."""
    on_file = await services.db.read(lambda conn: profile.find(conn, services.personal, session.owner))
    identity = on_file.identity
    own = (session.username, on_file.email, identity.family_name, identity.given_name)
    fault = password_rules.fault_of(new, own)
    if fault is not None:
        raise _wrong({"new_password": password_rules.SENTENCES[fault]}, Code.PASSWORD_WEAK)
    if await _is_changed(services, came, session, new):
        return
    await prove_password(services, came, session, current)
    (hashed,) = await services.hasher.hash(opaque(new), lane=HashingLane.NEWCOMERS)
    changed = Change(
        AccountAct.PASSWORD_CHANGE, AccountEventKind.PASSWORD_CHANGED, OwnerNotice.PASSWORD_CHANGED
    )
    await _write_secret(services, came, session, {"password_hash": hashed}, changed)


async def _is_changed(services: AccountServices, came: Incoming, session: Session, new: str) -> bool:
    """Whether the form has come again whose answer was lost: by now its old password is wrong, and its new one right.

    A try, as any other. Refusal rate_limited. Unavailable.
    """
    since = now_ms() - REPEATED_MS
    lately = await services.db.read(lambda conn: events_of(conn, {session.owner}, since))
    if not any(event.kind == AccountEventKind.PASSWORD_CHANGED for event in lately):
        return False
    try:
        await prove_password(services, came, session, new)
    except Refusal as refusal:
        if refusal.code != Code.BAD_CREDENTIALS:
            raise
        return False
    return True


async def change_questions(
    services: AccountServices,
    came: Incoming,
    session: Session,
    current: str,
    pairs: Sequence[tuple[str, str]],
) -> None:
    """Other questions and answers. Refusals rate_limited, bad_credentials, invalid (with `fields`). Unavailable."""
    if wrong := questions.problems(pairs, wanted=MOST_QUESTIONS):
        raise _wrong(wrong)
    await prove_password(services, came, session, current)
    asked, answers = questions.asked(pairs)
    (hashed,) = await services.hasher.hash(answers, lane=HashingLane.NEWCOMERS)
    values = {"answers_hash": hashed, "questions": services.personal.seal_questions(session.username, asked)}
    changed = Change(
        AccountAct.ANSWERS_CHANGE, AccountEventKind.ANSWERS_CHANGED, OwnerNotice.QUESTIONS_CHANGED
    )
    await _write_secret(services, came, session, values, changed)


class Change(msgspec.Struct, frozen=True):
    """The names of a change: in the audit, among the events of the account, and in the message to its owner."""

    act: AccountAct
    event: AccountEventKind | None
    notice: OwnerNotice


async def _write_secret(
    services: AccountServices, came: Incoming, session: Session, values: Mapping[str, str], changed: Change
) -> None:
    """Write a new secret, end every other session and link, and say so to everybody who is to know."""

    async def write(conn: AsyncConnection) -> None:
        now = now_ms()
        # What was rehearsed with the old one is to be rehearsed again.
        renewed = {**values, "rehearsed_at": None}
        await conn.execute(sa.update(a).where(a.c.id == session.owner).values(renewed))
        await spend_links(conn, session.owner, now)
        ended = await end_others(conn, session.owner, sessions.shown(came, ROLE))
        await _told(conn, services, came, session, changed, now, sessions_ended=ended)

    await services.db.write(write)


async def change_address(
    services: AccountServices, came: Incoming, session: Session, address: HomeAddress
) -> None:
    """Another home address (AC-13); the one that is on file changes nothing. Refusal invalid (with `fields`)."""
    if wrong := home_address.problems(address):
        raise _wrong(wrong)
    on_file = await services.db.read(lambda conn: profile.find(conn, services.personal, session.owner))
    if on_file.address == address:
        return
    text = msgspec.json.encode(address).decode()
    sealed = services.personal.seal(session.username, ADDRESS, text)
    changed = Change(AccountAct.ADDRESS_CHANGE, None, OwnerNotice.ADDRESS_CHANGED)

    async def write(conn: AsyncConnection) -> None:
        await conn.execute(sa.update(a).where(a.c.id == session.owner).values(address=sealed))
        await _told(conn, services, came, session, changed, now_ms())

    await services.db.write(write)


async def change_identity(
    services: AccountServices,
    programmes: Mapping[str, Programme],
    came: Incoming,
    session: Session,
    current: str,
    typed: Identity,
) -> None:
    """Correct who one is, while the window of registration is open (DU-02); the same again changes nothing.

    Refusals registration_closed, invalid (with `fields`), rate_limited, bad_credentials.
    """
    identity, now = application.cleaned(typed), now_ms()
    on_file = await services.db.read(lambda conn: profile.find(conn, services.personal, session.owner))
    if not on_file.is_identity_open(programmes, now):
        raise Refusal(Code.REGISTRATION_CLOSED, note=LOCKED)
    if wrong := application.identity_problems(identity, montreal(now).date()):
        raise _wrong(wrong)
    await prove_password(services, came, session, current)
    if identity == on_file.identity:
        return
    changed = Change(AccountAct.IDENTITY_CHANGE, None, OwnerNotice.IDENTITY_CHANGED)

    async def write(conn: AsyncConnection) -> None:
        at = now_ms()
        await _write_identity(conn, services.personal, on_file, identity, at)
        fields = changed_fields(on_file.identity, identity)
        await _told(conn, services, came, session, changed, at, fields=fields)

    await services.db.write(write)


LOCKED = "L’identité ne se modifie plus une fois l’inscription fermée : un agent peut la corriger, avec une preuve."


async def correct_identity(
    conn: AsyncConnection,
    personal: PersonalFields,
    account: int,
    new: Identity,
    by: By,
    reason: str,
    now: int,
) -> Identity:
    """An agent's correction, in the transaction of its cause: on record with its reason, told to the address on file.
    What is on file already is corrected, recorded and told by nobody.

    The identity as it is kept from now on. Refusals not_found, invalid (with `fields`).
    """
    on_file = await profile.find(conn, personal, account)
    identity = application.cleaned(new)
    if wrong := application.identity_problems(identity, montreal(now).date()):
        raise _wrong(wrong)
    if identity == on_file.identity:
        return identity
    await _write_identity(conn, personal, on_file, identity, now)
    await note(conn, account, AccountEventKind.IDENTITY_CORRECTED, now)
    await tell(conn, on_file, OwnerNotice.IDENTITY_CORRECTED, now)
    fields = changed_fields(on_file.identity, identity)
    subject = Subject.row(store.ACCOUNT, account)
    await audit.record(conn, by, AccountAct.IDENTITY_CORRECTION, subject, now, reason=reason, fields=fields)
    return identity


async def _write_identity(
    conn: AsyncConnection, personal: PersonalFields, on_file: Profile, identity: Identity, now: int
) -> None:
    sealed = personal.seal_identity(on_file.username, identity)
    await conn.execute(sa.update(a).where(a.c.id == on_file.id).values(identity=sealed))
    await stage_scan(conn, on_file.id, now)


def changed_fields(before: Identity, after: Identity) -> list[str]:
    """The names of the fields that differ: what they hold stays out of the audit."""
    return [name for name in Identity.__struct_fields__ if getattr(before, name) != getattr(after, name)]


async def _told(
    conn: AsyncConnection,
    services: AccountServices,
    came: Incoming,
    session: Session,
    changed: Change,
    now: int,
    **detail: Any,
) -> None:
    """Event, message and audit of a change, the audit last."""
    if changed.event is not None:
        await note(conn, session.owner, changed.event, now, origin_of(services.secret, came))
    await tell(conn, await profile.find(conn, services.personal, session.owner), changed.notice, now)
    actor = Actor(session.username, ROLE)
    await audit.record(conn, actor, changed.act, Subject.row(store.ACCOUNT, session.owner), now, **detail)


async def tell(conn: AsyncConnection, on_file: Profile, kind: OwnerNotice, now: int) -> None:
    """Write to the address on file, if there is one."""
    if on_file.email:
        subject = Subject.row(store.ACCOUNT, on_file.id)
        await post(conn, mails.notice(on_file.email, kind), subject, now, key=f"{kind}:{on_file.id}:{now}")


class OpenSession(msgspec.Struct, frozen=True):
    """A session of this account: since and until when (instants), and whether it is this browser's."""

    created_at: int
    expires_at: int
    is_here: bool


async def open_sessions(conn: AsyncConnection, account: int, here: str | None, now: int) -> list[OpenSession]:
    """The account's sessions that have not ended, this browser's first; `here` is its digest."""
    theirs = (s.c.owner == account, s.c.role == ROLE, s.c.expires_at > now)
    known = sa.select(s.c.digest, s.c.created_at, s.c.expires_at).where(*theirs).order_by(s.c.digest)
    rows = await conn.execute(known)
    found = [OpenSession(row.created_at, row.expires_at, row.digest == here) for row in rows]
    return sorted(found, key=lambda one: (not one.is_here, -one.created_at))


async def end_others(conn: AsyncConnection, account: int, here: str | None) -> int:
    """End the account's sessions but this browser's; how many there were."""
    theirs = (s.c.owner == account, s.c.role == ROLE, s.c.digest != (here or ""))
    return int((await conn.execute(sa.delete(s).where(*theirs))).rowcount)


async def end_elsewhere(services: AccountServices, came: Incoming, session: Session) -> int:
    """End every session of this account in other browsers, on record; how many there were."""

    async def write(conn: AsyncConnection) -> int:
        ended = await end_others(conn, session.owner, sessions.shown(came, ROLE))
        subject, actor = Subject.row(store.ACCOUNT, session.owner), Actor(session.username, ROLE)
        await audit.record(conn, actor, AccountAct.SESSIONS_END, subject, now_ms(), sessions_ended=ended)
        return ended

    return await services.db.write(write)


def _wrong(fields: Mapping[str, str], code: Code = Code.INVALID) -> Refusal:
    return Refusal(code, fields=[{"name": name, "reason": said} for name, said in fields.items()])
