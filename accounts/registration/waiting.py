"""Who signs in before their address is confirmed: their secrets are looked at all the same.

So they are told what to do, and a stranger is told no more than of any other account.
"""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.candidates import Account
from accounts.identities import spellings
from accounts.personal_data.fields import PersonalFields
from accounts.registration.confirming import content_of
from accounts.registration.store import registration
from foundation.clock import now_ms


async def by_username(conn: AsyncConnection, personal: PersonalFields, typed: str) -> Account | None:
    """What a registration of this user name waits to become. Its number is below zero: there is none yet."""
    r = registration
    theirs = (r.c.username.in_(spellings(typed)), r.c.content.is_not(None), r.c.kept_until > now_ms())
    row = (await conn.execute(select(r).where(*theirs).limit(1))).one_or_none()
    if row is None:
        return None
    to_be = content_of(personal, row)
    return Account(
        id=-row.id,
        username=to_be.username,
        password_hash=to_be.password_hash,
        answers_hash=to_be.answers_hash,
        questions=to_be.questions,
        created_at=row.made_at,
        identity=to_be.identity,
        accommodation=1.0,
    )
