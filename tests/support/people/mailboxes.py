"""Accounts that have an e-mail address, and what was posted to it, for tests: nothing is sent."""

import re
from typing import Any

import sqlalchemy as sa

from accounts import store
from accounts.personal_data import email_addresses
from accounts.registration.confirming import email_columns
from foundation.mail import sealing
from foundation.mail.outgoing import Mail
from foundation.mail.store import mail
from foundation.sql.database import Database
from tests.support.desks import Desk, make_account


def address_of(number: int) -> str:
    """The address of the account of this number."""
    return f"essai-{number:05d}@exemple.invalid"


async def with_address(desk: Desk, number: int = 1, address: str = "", **values: Any) -> int:
    """An account with a confirmed address; its id."""
    account = await make_account(desk, number, **values)
    email = email_addresses.read(address or address_of(number))
    assert email is not None
    columns = email_columns(desk.accounts.personal, f"essai-{number:05d}", email)
    changed = sa.update(store.account).where(store.account.c.id == account).values(columns)
    await desk.db.write(lambda conn: conn.execute(changed))
    return account


async def posted(db: Database) -> list[Mail]:
    """Every mail that was posted, in order."""
    rows = await db.read(lambda conn: conn.execute(sa.select(mail).order_by(mail.c.id)))
    cipher, found = sealing.cipher(), []
    for row in rows:
        to = cipher.decrypt(row.recipient, sealing.field(row.key, "recipient"))
        text = cipher.decrypt(row.text, sealing.field(row.key, "text"))
        found.append(Mail(to or "", row.kind, row.title, text or ""))
    return found


def token_in(letter: Mail, name: str = "jeton") -> str:
    """The token of the link in a mail."""
    (token,) = re.findall(rf"[?&]{name}=([\w-]+)", letter.text)
    return str(token)
