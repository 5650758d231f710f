"""How a change of address ends: it comes true, is cancelled, or finds the address taken."""

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import store
from accounts.acts import AccountAct
from accounts.email_change import mails
from accounts.email_change.states import EmailChangeState
from accounts.email_change.store import email_change
from accounts.events.events import NOWHERE, Origin, note
from accounts.events.states import AccountEventKind
from accounts.personal_data import email_addresses
from accounts.personal_data.email_addresses import EmailAddress
from accounts.personal_data.fields import EMAIL, PersonalFields
from accounts.recovery.redeeming import spend_links
from accounts.registration.confirming import email_columns
from accounts.representatives.declaration import parties
from accounts.store import ACCOUNT
from foundation import audit
from foundation.audit import By
from foundation.errors import Code, Refusal
from foundation.mail.outgoing import post
from foundation.outbox import Effect
from foundation.subjects import Subject

COLUMN = "email_change"
"""Where a new address that waits is stored, for the cipher."""

c, a = email_change, store.account


class Holder(msgspec.Struct, frozen=True):
    """An account and the address that it has; empty where none is on file."""

    id: int
    username: str
    email: str


async def holder(conn: AsyncConnection, personal: PersonalFields, account: int) -> Holder:
    """The account of this number. Refusal not_found."""
    found = sa.select(a.c.username, a.c.email).where(a.c.id == account)
    row = (await conn.execute(found.with_for_update())).one_or_none()
    if row is None:
        raise Refusal(Code.NOT_FOUND)
    email = "" if row.email is None else personal.opened(row.username, EMAIL, row.email)
    return Holder(account, row.username, email)


async def is_taken(
    conn: AsyncConnection, personal: PersonalFields, account: int, address: EmailAddress
) -> bool:
    """Whether another account has this address."""
    sought = personal.emails.sought(address.canonical)
    other = sa.select(a.c.id).where(a.c.email_key.in_(sought), a.c.id != account)
    return (await conn.execute(other)).first() is not None


async def _is_good(conn: AsyncConnection, account: int) -> bool:
    """Whether an account's address is confirmed, takes mail, and none waits to take its place."""
    mine = (a.c.id == account, a.c.confirmed_at.is_not(None), a.c.email_failing_at.is_(None))
    waits = sa.select(c.c.id).where(c.c.account == account, c.c.state == EmailChangeState.WAITING)
    found = sa.select(a.c.id).where(*mine, ~waits.exists())
    return (await conn.execute(found)).first() is not None


async def change_now(
    conn: AsyncConnection,
    personal: PersonalFields,
    account: int,
    address: EmailAddress,
    by: By,
    now: int,
    public_url: str,
    *,
    origin: Origin = NOWHERE,
    reason: str | None = None,
) -> None:
    """Give an account this address at once: what an agent does who has made sure of its owner's identity.

    Both addresses are told; changes that waited are cancelled. The address that is on file, confirmed, and takes mail,
    changes nothing. Refusal email_already_used.
    """
    whose = await holder(conn, personal, account)
    if await is_taken(conn, personal, account, address):
        raise Refusal(Code.EMAIL_ALREADY_USED)
    if whose.email == address.typed and await _is_good(conn, account):
        return
    columns = email_columns(personal, whose.username, address) | {
        "confirmed_at": now,
        "email_failing_at": None,
        "email_failing_status": None,
    }
    await conn.execute(sa.update(a).where(a.c.id == account).values(columns))
    await settle(conn, [c.c.account == account], EmailChangeState.CANCELLED, now)
    await spend_links(conn, account, now)
    about = Subject.row(ACCOUNT, account)
    for number, to in enumerate(dict.fromkeys((whose.email, address.typed))):
        if to:
            key = f"email_changed:{account}:{now}:{number}"
            await post(conn, mails.changed(to, public_url), about, now, key=key)
    await note(conn, account, AccountEventKind.EMAIL_CHANGED, now, origin)
    await audit.record(conn, by, AccountAct.EMAIL_CHANGE, about, now, reason=reason)


async def come_true(
    conn: AsyncConnection, personal: PersonalFields, id: int, now: int, public_url: str
) -> EmailChangeState:
    """Make a change come true that is due and confirmed; where it is now."""
    row = (await conn.execute(sa.select(c).where(c.c.id == id).with_for_update())).one()
    waits = row.state == EmailChangeState.WAITING and row.email is not None
    if not waits or row.due_at > now or row.confirmed_at is None:
        return EmailChangeState(row.state)
    address = email_addresses.read(personal.opened(str(row.account), COLUMN, row.email))
    state = EmailChangeState.DONE
    if address is None or await _is_others(conn, personal, row.account, address):
        state = EmailChangeState.TAKEN
    await settle(conn, [c.c.id == id], state, now)
    if state is EmailChangeState.DONE and address is not None:
        await change_now(conn, personal, row.account, address, audit.SERVICE, now, public_url)
    return state


async def _is_others(
    conn: AsyncConnection, personal: PersonalFields, account: int, address: EmailAddress
) -> bool:
    """Whether another account has it by now, or the candidate has declared a representative with it meanwhile."""
    if await is_taken(conn, personal, account, address):
        return True
    return await parties.is_representatives(conn, personal, account, address.canonical)


async def settle(
    conn: AsyncConnection, which: Sequence[sa.ColumnElement[bool]], state: EmailChangeState, now: int
) -> int:
    """End those of these changes that still wait, and erase their addresses; how many there were."""
    waits = (*which, c.c.state == EmailChangeState.WAITING)
    values = {"state": state, "settled_at": now, "email": None}
    return int((await conn.execute(sa.update(c).where(*waits).values(values))).rowcount)


def coming_true(secret_keys: Sequence[str], public_url: str) -> Effect:
    """What the task of a change does on its day; one that is not confirmed yet comes true when it is."""
    personal = PersonalFields(secret_keys)

    async def act(conn: AsyncConnection, subject: Subject, now: int) -> None:
        await come_true(conn, personal, subject.number, now, public_url)

    return act
