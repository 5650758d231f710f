"""Encrypts what stands plain, and what an older key wrote, by the newest one, while people work.

A batch is one short transaction; a row that changed meanwhile is left for its own change, which wrote it newest.
"""

from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import store
from accounts.personal_data import email_addresses
from accounts.personal_data.fields import ADDRESS, EMAIL, IDENTITY, QUESTIONS, PersonalFields
from accounts.registration.store import registration

AT_ONCE = 500
"""Accounts in one transaction: some twenty milliseconds."""

a = store.account


class Sealed(msgspec.Struct, frozen=True):
    """A batch that was looked at: the number of its last account, and how many rows were written anew."""

    last: int
    written: int


async def seal_some(
    conn: AsyncConnection, personal: PersonalFields, after: int, most: int = AT_ONCE
) -> Sealed | None:
    """Look at the accounts behind this number; None when there are no more. Raises UnreadableField."""
    watched = [a.c[name] for name in (IDENTITY, EMAIL, ADDRESS, QUESTIONS)]
    columns = (a.c.id, a.c.username, *watched, a.c.email_key)
    rows = (await conn.execute(sa.select(*columns).where(a.c.id > after).order_by(a.c.id).limit(most))).all()
    if not rows:
        return None
    written = 0
    for row in rows:
        values = sealed_anew(personal, row)
        if values:
            unchanged = [column.is_not_distinct_from(getattr(row, column.name)) for column in watched]
            done = await conn.execute(sa.update(a).where(a.c.id == row.id, *unchanged).values(values))
            written += int(done.rowcount)
            if done.rowcount and "email_key" in values:
                await conn.execute(_waits_for(row.email_key).values(email_key=values["email_key"]))
    return Sealed(rows[-1].id, written)


def sealed_anew(personal: PersonalFields, row: sa.Row[*tuple[Any, ...]]) -> dict[str, str]:
    """The columns of an account that the newest key did not write, as it writes them; blind indexes with them."""
    name, values = row.username, dict[str, str]()
    if not personal.is_newest(row.identity):
        values[IDENTITY] = personal.seal_identity(name, personal.identity(name, row.identity))
    if not personal.is_newest(row.questions):
        values[QUESTIONS] = personal.seal_questions(name, personal.questions(name, row.questions))
    if row.address is not None and not personal.is_newest(row.address):
        values[ADDRESS] = personal.seal(name, ADDRESS, personal.opened(name, ADDRESS, row.address))
    if row.email is not None and not personal.is_newest(row.email):
        typed = personal.opened(name, EMAIL, row.email)
        values[EMAIL] = personal.seal(name, EMAIL, typed)
        address = email_addresses.read(typed)
        if address is not None and row.email_key is not None:
            values["email_key"] = personal.emails.stored(address.canonical)
            values["email_alike"] = personal.alike_emails.stored(address.alike)
    return values


def _waits_for(email_key: str) -> sa.Update:
    """Registrations that are to confirm this address of an account: they are compared by its blind index."""
    return sa.update(registration).where(registration.c.email_key == email_key)
