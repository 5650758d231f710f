"""What a mail that came back does: the mail is refused, and the address of the account that it went to is failing.

A failing address gets no further mail; the mailbox in the account goes on, and the person is told there at the next
sign-in. It ends with another address, or when its owner says that it works again.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import store
from accounts.bounces.notification import Bounce
from accounts.personal_data import email_addresses
from accounts.personal_data.fields import PersonalFields
from accounts.store import ACCOUNT
from foundation.mail.delivery import Gate, bounced
from foundation.mail.store import mail
from foundation.subjects import Subject

a, m = store.account.c, mail.c


async def record(conn: AsyncConnection, personal: PersonalFields, bounce: Bounce, now: int) -> bool:
    """Record a mail that came back; whether it was one of ours that had been sent. Told twice, it is recorded once.

    An address fails only where the mail was written to its account and the notification names the address that is on
    file: a person who makes a notification up can silence nobody but themselves.
    """
    about = sa.select(m.subject_kind, m.subject_id).where(m.message_id == bounce.message_id)
    row = (await conn.execute(about)).one_or_none()
    if row is None or not await bounced(conn, bounce.message_id, bounce.status, now):
        return False
    address = email_addresses.read(bounce.recipient)
    if row.subject_kind == ACCOUNT and address is not None:
        theirs = (a.id == int(row.subject_id), a.email_key.in_(personal.emails.sought(address.canonical)))
        failing = {"email_failing_at": now, "email_failing_status": bounce.status}
        await conn.execute(sa.update(store.account).where(*theirs).values(failing))
    return True


async def works_again(conn: AsyncConnection, account: int) -> None:
    """The owner says so: mail goes out again, until it comes back again."""
    fine = {"email_failing_at": None, "email_failing_status": None}
    await conn.execute(sa.update(store.account).where(a.id == account).values(fine))


async def failing_since(conn: AsyncConnection, account: int) -> int | None:
    """The instant since which the address of an account takes no mail; None while it does."""
    return (await conn.execute(sa.select(a.email_failing_at).where(a.id == account))).scalar_one_or_none()


def gate(secret_keys: Sequence[str]) -> Gate:
    """What mail is asked before it goes out: the status with which its address fails, empty while it does not."""
    personal = PersonalFields(secret_keys)

    async def status(conn: AsyncConnection, about: Subject, to: str) -> str:
        address = email_addresses.read(to)
        if about.kind != ACCOUNT or address is None:
            return ""
        theirs = (a.id == about.number, a.email_key.in_(personal.emails.sought(address.canonical)))
        found = await conn.execute(sa.select(a.email_failing_status).where(*theirs))
        return found.scalar_one_or_none() or ""

    return status
