"""Encrypts by the newest key what an older one wrote of representatives, a short transaction a batch."""

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.representatives.declaration.details import DetailsCipher
from accounts.representatives.store import representative

AT_ONCE = 500
"""Rows in one transaction."""

r = representative.c


class SealedRepresentatives(msgspec.Struct, frozen=True):
    """A batch that was looked at: the id of its last row, and how many were written anew."""

    last: str
    written: int


async def seal_some(
    conn: AsyncConnection, cipher: DetailsCipher, after: str, most: int = AT_ONCE
) -> SealedRepresentatives | None:
    """Look at the rows behind this id; None when there are no more. Raises UnreadableDetails.

    A row that changed meanwhile was written by the newest key then, and is left.
    """
    behind = sa.select(r.id, r.details).where(r.id > after).order_by(r.id).limit(most)
    rows = (await conn.execute(behind)).all()
    written = 0
    for row in rows:
        if not cipher.is_newest(row.details):
            anew = cipher.seal(row.id, cipher.opened(row.id, row.details))
            unchanged = (r.id == row.id, r.details == row.details)
            done = await conn.execute(sa.update(representative).where(*unchanged).values(details=anew))
            written += int(done.rowcount)
    return SealedRepresentatives(rows[-1].id, written) if rows else None
