"""Confirm an address by the code of its message: then, and not before, an account is made.

Looking changes nothing (mail scanners open links); a second confirmation is a success; a code is good until it is past.
"""

from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import store
from accounts.events.events import Origin, note, origin_of
from accounts.events.states import AccountEventKind
from accounts.linkage.staging import stage_scan
from accounts.personal_data import email_addresses
from accounts.personal_data.email_addresses import EmailAddress
from accounts.personal_data.fields import ADDRESS, EMAIL, PersonalFields
from accounts.registration import codes
from accounts.registration.registering import CONTENT, AccountToBe, has_account, new_code, write_to
from accounts.registration.services import RegistrationServices
from accounts.registration.states import RegistrationStep
from accounts.registration.store import registration
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from server.requests import Incoming

r = registration


class Confirmed(msgspec.Struct, frozen=True):
    """A registration whose address is confirmed; `repeated` when it had been before this call."""

    username: str
    account: int
    repeated: bool


async def confirm(services: RegistrationServices, came: Incoming, typed: str) -> Confirmed:
    """Make the account of this code. Refusals rate_limited, link_expired, email_already_used, username_taken."""
    services.budgets.charge(came.address)
    code = codes.typed(typed)
    if not code:
        raise Refusal(Code.LINK_EXPIRED)
    origin = origin_of(services.accounts.secret, came)
    try:
        return await services.accounts.db.write(lambda conn: _confirm(conn, services, code, origin, now_ms()))
    except IntegrityError:  # an account took the address or the name in this very moment: now it is seen
        return await services.accounts.db.write(lambda conn: _confirm(conn, services, code, origin, now_ms()))


async def _confirm(
    conn: AsyncConnection, services: RegistrationServices, code: str, origin: Origin, now: int
) -> Confirmed:
    found = sa.select(r).where(r.c.code_key.in_(services.codes.sought(code)), r.c.kept_until > now)
    row = (await conn.execute(found.with_for_update())).one_or_none()
    if row is None or row.step == RegistrationStep.UNANSWERABLE:
        raise Refusal(Code.LINK_EXPIRED)
    if row.step == RegistrationStep.CONFIRMED:
        return Confirmed(row.username, row.account, True)
    if row.account is not None:
        return await _confirm_there(conn, row, origin, now)
    to_be = content_of(services.accounts.personal, row)
    if await has_account(conn, services, to_be.email):
        raise Refusal(Code.EMAIL_ALREADY_USED)
    account = await make_account(conn, services.accounts.personal, to_be, row.programme, row.made_at, now)
    await note(conn, account, AccountEventKind.CONFIRMED, now, origin)
    wiped = {"step": RegistrationStep.CONFIRMED, "account": account, "content": None}
    await conn.execute(sa.update(r).where(r.c.id == row.id).values(wiped))
    return Confirmed(to_be.username, account, False)


async def _confirm_there(
    conn: AsyncConnection, row: sa.Row[*tuple[Any, ...]], origin: Origin, now: int
) -> Confirmed:
    """Confirm the address of an account that was there before, such as an imported one."""
    a = store.account
    waits = (a.c.id == row.account, a.c.email_key == row.email_key, a.c.confirmed_at.is_(None))
    done = await conn.execute(sa.update(a).where(*waits).values(confirmed_at=now))
    if not done.rowcount:  # it has another address by now
        raise Refusal(Code.LINK_EXPIRED)
    await note(conn, row.account, AccountEventKind.CONFIRMED, now, origin)
    await conn.execute(sa.update(r).where(r.c.id == row.id).values(step=RegistrationStep.CONFIRMED))
    return Confirmed(row.username, row.account, False)


async def ask_confirmation(services: RegistrationServices, came: Incoming, account: int) -> None:
    """Write to the address of an account that nobody has confirmed; nothing where there is none to confirm.

    Refusal rate_limited.
    """
    services.budgets.charge(came.address)
    personal = services.accounts.personal

    async def ask(conn: AsyncConnection) -> None:
        a, now = store.account.c, now_ms()
        columns = (a.username, a.email, a.email_key, a.programme)
        theirs = (a.id == account, a.email.is_not(None), a.confirmed_at.is_(None))
        row = (await conn.execute(sa.select(*columns).where(*theirs))).one_or_none()
        email = None if row is None else email_addresses.read(personal.opened(row.username, EMAIL, row.email))
        if row is None or email is None:
            return
        is_waiting = r.c.step == RegistrationStep.WAITING
        waiting = (
            r.c.username == row.username,
            r.c.email_key == row.email_key,
            r.c.kept_until > now,
            is_waiting,
        )
        found = (await conn.execute(sa.select(r).where(*waiting))).one_or_none()
        code = "" if found is None else code_again(services, found.serial, found.code_key)
        if found is None or not code:
            await conn.execute(sa.delete(r).where(r.c.username == row.username))
            made = new_code(services)
            values = {"username": row.username, "step": RegistrationStep.WAITING, "email_key": row.email_key,
                      "programme": row.programme or "", "account": account, **made.columns(now)}  # fmt: skip
            id = (await conn.execute(sa.insert(r).values(values).returning(r.c.id))).scalar_one()
            code = made.code
        else:
            id = found.id
        await write_to(conn, services, id, email, code, now)

    await services.accounts.db.write(ask)


def content_of(personal: PersonalFields, row: sa.Row[*tuple[Any, ...]]) -> AccountToBe:
    """The account that a row of a registration waits to become."""
    text = personal.opened(row.username, CONTENT, row.content)
    return msgspec.json.decode(text, type=AccountToBe)


async def make_account(
    conn: AsyncConnection,
    personal: PersonalFields,
    to_be: AccountToBe,
    programme: str | None,
    made_at: int,
    confirmed_at: int | None,
) -> int:
    """Insert an account; its id. Raises Refusal username_taken, and IntegrityError where the address has an account.

    It exists since `made_at`, when it was asked for: whoever registered in time is in time (WR-16).
    """
    a, name = store.account, to_be.username
    taken = sa.select(sa.literal(1)).where(a.c.username == name)
    if (await conn.execute(taken)).first() is not None:
        raise Refusal(Code.USERNAME_TAKEN)
    address = None if to_be.address is None else msgspec.json.encode(to_be.address).decode()
    row = {
        "username": name,
        "password_hash": to_be.password_hash,
        "answers_hash": to_be.answers_hash,
        "questions": personal.seal_questions(name, to_be.questions),
        "created_at": made_at,
        "identity": personal.seal_identity(name, to_be.identity),
        "confirmed_at": confirmed_at,
        "terms_at": made_at,
        "terms_version": to_be.terms_version,
        "address": None if address is None else personal.seal(name, ADDRESS, address),
        "programme": programme,
        **email_columns(personal, name, to_be.email),
    }
    account = int((await conn.execute(sa.insert(a).values(row).returning(a.c.id))).scalar_one())
    await note(conn, account, AccountEventKind.MADE, made_at)
    await stage_scan(conn, account, now_ms())
    return account


def email_columns(personal: PersonalFields, username: str, email: EmailAddress) -> dict[str, str]:
    """The columns of an address: encrypted, unique, and what is alike."""
    return {
        "email": personal.seal(username, EMAIL, email.typed),
        "email_key": personal.emails.stored(email.canonical),
        "email_alike": personal.alike_emails.stored(email.alike),
    }


async def send_again(services: RegistrationServices, came: Incoming, typed: EmailAddress) -> None:
    """Write once more to every registration that waits with this address; the same work where there is none.

    Refusal rate_limited.
    """
    services.budgets.charge(came.address)
    sought = services.accounts.personal.emails.sought(typed.canonical)

    async def again(conn: AsyncConnection) -> None:
        now = now_ms()
        waiting = sa.select(r).where(
            r.c.email_key.in_(sought), r.c.step == RegistrationStep.WAITING, r.c.kept_until > now
        )
        for row in (await conn.execute(waiting.order_by(r.c.id.desc()).limit(1))).all():
            code = code_again(services, row.serial, row.code_key)
            if code:
                await write_to(conn, services, row.id, typed, code, now)

    await services.accounts.db.write(again)


def code_again(services: RegistrationServices, serial: str, code_key: str) -> str:
    """The code that was written before; empty where its secret is no longer among ours."""
    made = (codes.code_of(secret, serial) for secret in services.secrets)
    return next((code for code in made if code_key in services.codes.sought(code)), "")
