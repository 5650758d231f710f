"""Accounts taken away by the thousand, with what this package keeps of them. Which ones is decided elsewhere."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import store
from accounts.linkage import blocks
from accounts.representatives import powers
from accounts.states import SessionRole

AT_ONCE = 1_000
"""Rows a statement."""


async def remove_accounts(conn: AsyncConnection, accounts: Sequence[int]) -> int:
    """Delete accounts to which nothing else refers any more, and end their sessions; how many sessions there were."""
    a, s, m = store.account, store.session, store.missed_attempt
    ended = 0
    for start in range(0, len(accounts), AT_ONCE):
        some = accounts[start : start + AT_ONCE]
        theirs = sa.delete(s).where(s.c.role == SessionRole.CANDIDATE, s.c.owner.in_(some))
        ended += (await conn.execute(theirs)).rowcount
        await conn.execute(sa.delete(m).where(m.c.role == SessionRole.CANDIDATE, m.c.owner.in_(some)))
        await blocks.drop(conn, store.ACCOUNT, some)
        await powers.remove(conn, some)
        await conn.execute(sa.delete(a).where(a.c.id.in_(some)))
    return ended
