"""Seals anew, by the newest key, what an older one sealed, while people work. Digests stay: the text is the same."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.encryption.fields import FieldCipher
from submission import store
from submission.signing import frozen

AT_ONCE = 500
"""Signatures in one transaction: some tens of milliseconds."""

g = store.signature.c


class UnreadableSignature(Exception):
    """Answers that none of SECRET_KEYS opens: a key was taken away before what it sealed was sealed anew."""


async def seal_some(
    conn: AsyncConnection, seals: FieldCipher, after: str, most: int = AT_ONCE
) -> tuple[str, int] | None:
    """Look at the signatures behind this receipt: the last receipt that was looked at, and how many were sealed anew.

    None when there are no more. Raises UnreadableSignature.
    """
    some = sa.select(g.receipt, g.sealed).where(g.receipt > after).order_by(g.receipt).limit(most)
    rows = (await conn.execute(some)).all()
    if not rows:
        return None
    written = 0
    for row in rows:
        if seals.is_newest(row.sealed):
            continue
        text = frozen.open_sealed(row.sealed, row.receipt, seals)
        if text is None:
            raise UnreadableSignature(row.receipt)
        sealed = seals.encrypt(text.decode(), frozen.place(row.receipt))
        unchanged = (g.receipt == row.receipt, g.sealed == row.sealed)
        written += (
            await conn.execute(sa.update(store.signature).where(*unchanged).values(sealed=sealed))
        ).rowcount
    return rows[-1].receipt, written
