"""Accounts of a name and a date of birth, as a person says them or an envelope has them: words in any order."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.identities import Identity, iso_date
from accounts.linkage import blocking, forms, keys
from accounts.linkage.comparison import PersonRecord
from accounts.linkage.store import linkage_block
from accounts.personal_data.fields import PersonalFields
from accounts.store import ACCOUNT, account

MOST_COMPARED = 400
"""Accounts with a blocking key in common that are looked at for a name."""

a = account.c


async def accounts_named(
    conn: AsyncConnection, personal: PersonalFields, name: str, birth_date: str, now: int
) -> list[int]:
    """Accounts of this name that were born on this day."""
    met = await people_met(conn, personal, name, birth_date, now)
    return [number for number, identity in met if is_named(identity, name, birth_date)]


async def people_met(
    conn: AsyncConnection, personal: PersonalFields, name: str, birth_date: str, now: int
) -> Sequence[tuple[int, Identity]]:
    """Accounts that share a blocking key with this name, and who they are: those that are worth a comparison."""
    sought = Identity(family_name=name, given_name="", birth_date=birth_date, passport="")
    key = await keys.open_key(conn, personal.reviews, now)
    digests = key.digests(blocking.keys_of(PersonRecord(identity=sought)))
    b = linkage_block.c
    met = (
        sa.select(b.record)
        .where(b.record_kind == ACCOUNT, b.digest.in_(digests))
        .distinct()
        .order_by(b.record)
        .limit(MOST_COMPARED)
    )
    rows = await conn.execute(sa.select(a.id, a.username, a.identity).where(a.id.in_(met)).order_by(a.id))
    return [(row.id, personal.identity(row.username, row.identity)) for row in rows]


def is_named(known: Identity, name: str, birth_date: str) -> bool:
    """Whether a person was born on this day, and has every word that was typed among their names. Pure."""
    names, sought = set(forms.words(known.full_name)), set(forms.words(name))
    return bool(sought) and sought <= names and iso_date(known.birth_date) == iso_date(birth_date)
