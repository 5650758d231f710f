"""Change the e-mail address of an account: asked in it, told to the old address, confirmed by the new one.

It waits, so that the owner of the old address can say no (peers: changes of address are how accounts are taken). An
agent who has made sure of who asks need not wait: `settling.change_now`.
"""

import secrets
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import sessions
from accounts.email_change import mails
from accounts.email_change.services import EmailChangeServices
from accounts.email_change.settling import COLUMN, come_true, holder, is_taken, settle
from accounts.email_change.states import EmailChangeState
from accounts.email_change.store import EMAIL_CHANGE, email_change
from accounts.events.events import note, origin_of
from accounts.events.states import AccountEventKind
from accounts.own_account.changes import prove_password
from accounts.personal_data import email_addresses
from accounts.personal_data.email_addresses import EmailAddress
from accounts.personal_data.fields import PersonalFields
from accounts.representatives.declaration import parties
from accounts.sessions import Session
from accounts.states import SessionRole
from accounts.store import ACCOUNT
from foundation import outbox
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from foundation.mail.outgoing import post
from foundation.subjects import Subject
from server.requests import Incoming

WAITS_DAYS = 3
"""Long enough to read a mail over a weekend; whose old mailbox is gone has an agent for it."""

DAY_MS = 86_400_000

MOST_A_DAY = 10
"""Changes that an account may ask for in 24 hours: each writes to an address that nobody has confirmed."""

REPEATED_MS = 60_000
"""The same address again within so long is the same asking; later it is another one, for a mail that was lost."""

LONGEST_TOKEN = 100

NO_ADDRESS = "Entrez une adresse de courriel complète, comme nom@exemple.ca."

SAME = "C’est déjà l’adresse de votre compte."

c = email_change


class WaitingChange(msgspec.Struct, frozen=True):
    """A change that waits: its new address, from when on it may come true, whether it is confirmed."""

    email: str
    due_at: int
    is_confirmed: bool


async def ask(
    services: EmailChangeServices, came: Incoming, session: Session, password: str, typed: str
) -> None:
    """Ask for another address. Refusals rate_limited, bad_credentials, invalid (with `fields`). Unavailable."""
    address = email_addresses.read(typed)
    if address is None:
        raise _invalid(NO_ADDRESS)
    await prove_password(services.accounts, came, session, password)
    origin = origin_of(services.accounts.secret, came)

    async def write(conn: AsyncConnection) -> None:
        now = now_ms()
        if await _write(conn, services, session.owner, address, now):
            await note(conn, session.owner, AccountEventKind.EMAIL_CHANGE_ASKED, now, origin)

    await services.accounts.db.write(write)


async def _require_few(conn: AsyncConnection, account: int, now: int) -> None:
    """Nobody fills a stranger's mailbox with them, nor that of the owner. Refusal rate_limited."""
    day = now - DAY_MS
    lately = sa.select(sa.func.count(), sa.func.min(c.c.asked_at)).where(
        c.c.account == account, c.c.asked_at > day
    )
    count, oldest = (await conn.execute(lately)).one()
    if count >= MOST_A_DAY:
        raise Refusal(Code.RATE_LIMITED, retry_after=max(1, (oldest - day) // 1_000))


async def _write(
    conn: AsyncConnection, services: EmailChangeServices, account: int, address: EmailAddress, now: int
) -> bool:
    """Keep a change and write to both addresses; whether it is a new one.

    One whose new address has an account waits as any other, and never comes true: nobody learns it but who reads that
    address.
    """
    personal = services.accounts.personal
    whose = await holder(conn, personal, account)
    before = email_addresses.read(whose.email)
    if before is not None and before.canonical == address.canonical:
        raise _invalid(SAME)
    if await parties.is_representatives(conn, personal, account, address.canonical):
        raise _invalid(parties.REPRESENTATIVES)
    if await _is_asked(conn, personal, account, address, now):
        return False
    await _require_few(conn, account, now)
    is_other = await is_taken(conn, personal, account, address)
    await settle(conn, [c.c.account == account], EmailChangeState.CANCELLED, now)
    yes, no = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    due_at = now + WAITS_DAYS * DAY_MS if whose.email else now
    row = {
        "account": account,
        "email": personal.seal(str(account), COLUMN, address.typed),
        "asked_at": now,
        "due_at": due_at,
        "confirm_key": None if is_other else services.tokens.stored(yes),
        "cancel_key": services.tokens.stored(no),
    }
    id = (await conn.execute(sa.insert(c).values(row).returning(c.c.id))).scalar_one()
    about, url = Subject.row(ACCOUNT, account), services.public_url
    letter = mails.taken(address.typed, url) if is_other else mails.confirm(address.typed, yes, url)
    await post(conn, letter, about, now, key=f"email_change:{id}:new")
    if whose.email:
        told = mails.asked(whose.email, no, WAITS_DAYS, url)
        await post(conn, told, about, now, key=f"email_change:{id}:old")
    await outbox.stage(conn, EMAIL_CHANGE, Subject.row(EMAIL_CHANGE, id), now, due_at=due_at)
    return True


async def _is_asked(
    conn: AsyncConnection, personal: PersonalFields, account: int, address: EmailAddress, now: int
) -> bool:
    """Whether the same was asked for just now, by a button that was pressed twice: the link of its mail stays good."""
    lately = (c.c.account == account, c.c.state == EmailChangeState.WAITING, c.c.asked_at > now - REPEATED_MS)
    row = (await conn.execute(sa.select(c.c.email).where(*lately))).first()
    there = None if row is None else email_addresses.read(personal.opened(str(account), COLUMN, row.email))
    return there is not None and there.canonical == address.canonical


async def waiting(services: EmailChangeServices, session: Session) -> WaitingChange | None:
    """The change that waits in an account."""

    async def find(conn: AsyncConnection) -> WaitingChange | None:
        mine = (c.c.account == session.owner, c.c.state == EmailChangeState.WAITING)
        row = (await conn.execute(sa.select(c).where(*mine).order_by(c.c.id.desc()).limit(1))).one_or_none()
        if row is None:
            return None
        email = services.accounts.personal.opened(str(session.owner), COLUMN, row.email)
        return WaitingChange(email, row.due_at, row.confirmed_at is not None)

    return await services.accounts.db.read(find)


async def expect_link(services: EmailChangeServices, token: str, *, cancels: bool) -> None:
    """Refusal link_expired unless this link is good. A look changes nothing."""
    await services.accounts.db.read(lambda conn: _row_of(conn, services, token, cancels=cancels))


async def confirm(services: EmailChangeServices, token: str) -> EmailChangeState:
    """The new address is read by who asked for it; also a second time. Refusal link_expired."""

    async def step(conn: AsyncConnection) -> EmailChangeState:
        now = now_ms()
        row = await _row_of(conn, services, token, cancels=False)
        if row.confirmed_at is None:
            await conn.execute(sa.update(c).where(c.c.id == row.id).values(confirmed_at=now))
        return await come_true(conn, services.accounts.personal, row.id, now, services.public_url)

    return await services.accounts.db.write(step)


async def cancel(services: EmailChangeServices, came: Incoming, token: str) -> None:
    """The old address says no: nothing changes, and every session ends. Refusal link_expired."""

    async def step(conn: AsyncConnection) -> None:
        row = await _row_of(conn, services, token, cancels=True)
        await _cancelled(conn, services, came, row.account)
        await sessions.end_all(conn, SessionRole.CANDIDATE, row.account)

    await services.accounts.db.write(step)


async def take_back(services: EmailChangeServices, came: Incoming, session: Session) -> None:
    """The same in the account, whose sessions go on."""
    await services.accounts.db.write(lambda conn: _cancelled(conn, services, came, session.owner))


async def _cancelled(
    conn: AsyncConnection, services: EmailChangeServices, came: Incoming, account: int
) -> None:
    now = now_ms()
    if await settle(conn, [c.c.account == account], EmailChangeState.CANCELLED, now) == 0:
        return
    whose = await holder(conn, services.accounts.personal, account)
    if whose.email:
        letter, about = mails.cancelled(whose.email, services.public_url), Subject.row(ACCOUNT, account)
        await post(conn, letter, about, now, key=f"email_change_cancelled:{account}:{now}")
    origin = origin_of(services.accounts.secret, came)
    await note(conn, account, AccountEventKind.EMAIL_CHANGE_CANCELLED, now, origin)


async def _row_of(
    conn: AsyncConnection, services: EmailChangeServices, token: str, *, cancels: bool
) -> sa.Row[*tuple[Any, ...]]:
    """The change of a link; also one that has come true, for who confirms a second time. Refusal link_expired."""
    key = c.c.cancel_key if cancels else c.c.confirm_key
    states = [EmailChangeState.WAITING] if cancels else [EmailChangeState.WAITING, EmailChangeState.DONE]
    good = (key.in_(services.tokens.sought(token[:LONGEST_TOKEN])), c.c.state.in_(states))
    found = sa.select(c.c.id, c.c.account, c.c.confirmed_at).where(*good)
    row = (await conn.execute(found)).one_or_none()
    if row is None:
        raise Refusal(Code.LINK_EXPIRED)
    return row


def _invalid(said: str) -> Refusal:
    return Refusal(Code.INVALID, fields=[{"name": "email", "reason": said}])
