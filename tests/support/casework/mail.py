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
from casework.mailroom import register
from casework.mailroom.entries import TypedMail
from casework.mailroom.items import RegisteredItem
from casework.mailroom.services import mailroom_services
from foundation.audit import Actor
from foundation.calendar.days import day_of
from foundation.clock import now_ms
from foundation.sql.database import Database
from tests.support.desks import REPRESENTATIVES
from tests.support.rooms import KEYS

SERVICES = mailroom_services(KEYS, REPRESENTATIVES, {"demo": "Programme d’essai"})

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
