"""What comes by post, for tests: entries as clerks type them, a preview confirmed at once."""

import secrets
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.identities import Identity
from accounts.linkage import blocking, keys
from accounts.linkage.comparison import PersonRecord
from accounts.linkage.store import linkage_block
from casework.files.numbers import file_number
from casework.mailroom import pen, register
from casework.mailroom.entries import TypedMail
from casework.mailroom.items import RegisteredItem
from casework.mailroom.services import mailroom_services
from casework.payments import fees, settling
from casework.payments.services import payment_services
from config.settings import PROGRAMMES
from foundation.audit import Actor
from foundation.calendar.days import day_of, end_of_day
from foundation.clock import now_ms
from foundation.sql.database import Database
from quota.programmes import load_all
from submission.store import submission
from tests.support.desks import REPRESENTATIVES
from tests.support.rooms import KEYS

PAYMENTS = payment_services(load_all(PROGRAMMES), KEYS, REPRESENTATIVES)

SERVICES = mailroom_services(KEYS, PAYMENTS)

PROGRAMME = PAYMENTS.programmes["demo"].name

CLAIRE = Actor("claire", "clerk")


def day(ago: int = 0) -> str:
    """The day in Montréal so many days ago, as it is typed."""
    return (day_of(now_ms()) - timedelta(days=ago)).isoformat()


def typed(number: str, kind: str = "other", **values: Any) -> TypedMail:
    """An entry of today."""
    return TypedMail(**({"number": number, "kind": kind, "received_on": day()} | values))


def new_key() -> str:
    """Of a form."""
    return secrets.token_urlsafe(18)


async def entered(
    db: Database, entry: TypedMail, *, by: Actor = CLAIRE, key: str | None = None, now: int | None = None
) -> RegisteredItem:
    """What was typed, previewed and confirmed."""
    at = now_ms() if now is None else now
    shown = await db.read(lambda conn: register.preview(conn, SERVICES, entry, at))
    return await db.write(
        lambda conn: register.enter(conn, SERVICES, entry, key or new_key(), shown.seen, by, at)
    )


async def indexed(db: Database, account: int, identity: Identity) -> None:
    """The blocking keys of an account, as record linkage writes them."""

    async def write(conn: AsyncConnection) -> None:
        key = await keys.open_key(conn, keys.cipher(KEYS), now_ms())
        digests = key.digests(blocking.keys_of(PersonRecord(identity=identity)))
        rows = [{"record_kind": "account", "record": account, "digest": one} for one in digests]
        await conn.execute(sa.insert(linkage_block), rows)

    await db.write(write)


async def waited_for(db: Database, number: int = 1) -> bool:
    """Whether something in the mailroom holds the deletion of this file back."""

    async def look(conn: AsyncConnection) -> bool:
        fee = await fees.fee_of(conn, PAYMENTS, number)
        pay_by = await settling.last_day(conn, number)
        return await pen.waits_for(conn, number, None if fee is None else fee.cents, pay_by)

    return await db.read(look)


async def paid_late_by(db: Database, number: int, days: int) -> None:
    """The last day to pay this file was so many days ago."""
    last = end_of_day(day_of(now_ms()) - timedelta(days=days))
    changed = sa.update(submission).where(submission.c.id == number).values(pay_by=last)
    await db.write(lambda conn: conn.execute(changed))


async def payment(db: Database, number: int, more: int = 0, **values: Any) -> TypedMail:
    """The whole fee of this file, and so many cents more, today and by a bank draft."""
    fixed = await db.read(lambda conn: fees.fee_of(conn, PAYMENTS, number))
    assert fixed is not None
    cents = fixed.cents + more
    given = {"instrument": "bank_draft", "amount": f"{cents // 100},{cents % 100:02}"} | values
    return typed(file_number(number), "payment", **given)
