"""Ask for a lost secret: what was asked is written down, and a task answers it by mail (`answering.py`).

Whether the address has an account is looked up by the task alone, so that the answer to the one who asks takes as long
either way, and says nothing.
"""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.events.events import origin_of
from accounts.personal_data import email_addresses
from accounts.recovery.services import RecoveryServices
from accounts.recovery.states import LostSecret
from accounts.recovery.store import RECOVERY, recovery
from foundation import outbox
from foundation.clock import now_ms
from foundation.subjects import Subject
from server.requests import Incoming

LASTS_MS = 3_600_000
"""A link is good for an hour: time for a slow mail and a slow reader, not for who finds the mail a week later."""

MOST_WRONG = 10
"""Wrong tries at the other secret behind one link; then it is past, and another can be asked for."""

FORGET_MS = 2 * 86_400_000
"""What was asked is forgotten two days later; what came of it is in the account's events."""

r = recovery


async def ask(services: RecoveryServices, came: Incoming, email: str, what: LostSecret) -> None:
    """Have the owner of this address written to, if there is one. Refusal rate_limited, by where it comes from alone.

    What is no address is answered as any other.
    """
    services.budgets.charge(came.address)
    address = email_addresses.read(email)
    canonical = email if address is None else address.canonical
    keys = services.accounts.personal.emails.sought(canonical)
    origin = origin_of(services.accounts.secret, came)

    async def write(conn: AsyncConnection) -> None:
        now = now_ms()
        row = {
            "what": what,
            "email_keys": " ".join(keys),
            "asked_at": now,
            "kept_until": now + LASTS_MS,
            "network": origin.network,
            "browser": origin.browser,
        }
        id = (await conn.execute(sa.insert(r).values(row).returning(r.c.id))).scalar_one()
        await outbox.stage(conn, RECOVERY, Subject.row(RECOVERY, id), now)

    await services.accounts.db.write(write)


async def sweep(conn: AsyncConnection, now: int) -> None:
    """Forget what was asked long ago."""
    await conn.execute(sa.delete(r).where(r.c.asked_at < now - FORGET_MS))
