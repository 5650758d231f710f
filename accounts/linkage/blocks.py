"""Blocking keys in SQL: written for a record, and asked for the records that have one in common."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.linkage import store
from accounts.linkage.blocking import MOST_MET, keys_of
from accounts.linkage.comparison import PersonRecord
from accounts.linkage.keys import LinkageKey
from foundation.sql.tables import among

b = store.linkage_block

_SMALL = (
    sa.select(b.c.digest)
    .where(among(b.c.digest, "digests"))
    .group_by(b.c.digest)
    .having(sa.func.count() <= MOST_MET)
)

_OTHERS = sa.select(b.c.record_kind, b.c.record).where(b.c.digest.in_(_SMALL)).distinct()


async def write(
    conn: AsyncConnection, key: LinkageKey, kind: str, record: int, records: Iterable[PersonRecord]
) -> list[str]:
    """Put the blocking keys of these records in the place of those that the row had; their digests."""
    digests = key.digests(text for one in records for text in keys_of(one))
    await conn.execute(sa.delete(b).where(b.c.record_kind == kind, b.c.record == record))
    rows = [{"record_kind": kind, "record": record, "digest": digest} for digest in digests]
    if rows:
        await conn.execute(sa.insert(b), rows)
    return digests


async def met(conn: AsyncConnection, kind: str, record: int, digests: list[str]) -> dict[str, set[int]]:
    """The other records that have one of these digests in common, by kind. A digest of too many brings nobody."""
    found: dict[str, set[int]] = defaultdict(set)
    for row in await conn.execute(_OTHERS, {"digests": digests}):
        if (row.record_kind, row.record) != (kind, record):
            found[row.record_kind].add(row.record)
    return found


async def drop(conn: AsyncConnection, kind: str, records: Sequence[int]) -> None:
    """Forget the blocking keys of rows that are gone."""
    await conn.execute(sa.delete(b).where(b.c.record_kind == kind, b.c.record.in_(records)))
