"""Wrong tries at signing in: slowed down, never locked out (AC-08).

A budget belongs to one account and one place that tries come from. Whoever was called has a budget of their own, the
token's; everybody else has their address's. So a stranger who guesses at somebody's account uses up a budget that is
not the owner's, and cannot keep the owner from the ten minutes. Names that do not exist have budgets too.

A try is counted before it is hashed: a hundred guesses sent at once are not a hundred free ones.
"""

import math

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from quota.errors import Refusal
from quota.store import insert_for
from submission.accounts import keyed
from submission.store import attempt

FREE_TRIES = 5
"""Typing errors happen, more so under a countdown."""

FIRST_DELAY_MS = 2_000
MOST_DELAY_MS = 60_000
"""Delays double from the first to the most. A minute a try makes 1,440 guesses a day at two secrets: nobody gets in."""

FORGET_MS = 3_600_000
"""After an hour without a try the budget is whole again."""


def key_of(secret: str, username: str, source: str) -> str:
    """The name of a budget: keyed, so that the table names no user and no address (P11)."""
    return keyed(secret, f"{username}\x1f{source}")


def delay_ms(wrong: int) -> int:
    """How long after the last of so many wrong tries the next one is looked at, in milliseconds."""
    if wrong < FREE_TRIES:
        return 0
    return min(MOST_DELAY_MS, FIRST_DELAY_MS << min(wrong - FREE_TRIES, 16))


async def charge(conn: AsyncConnection, key: str, now: int) -> None:
    """Count one try. Raises Refusal rate_limited with `retry_after` in seconds, and counts nothing then."""
    fresh = insert_for(conn, attempt).values(key=key, wrong=0, last_at=0)
    # Even the first try needs a row to lock: of a hundred at once, each must see the one before it. One statement, so
    # that no sign-in that succeeds meanwhile takes the row away between two.
    locked = fresh.on_conflict_do_update(index_elements=[attempt.c.key], set_={"key": key})
    row = (await conn.execute(locked.returning(attempt.c.wrong, attempt.c.last_at))).one()
    wrong = 0 if now - row.last_at > FORGET_MS else int(row.wrong)
    wait = row.last_at + delay_ms(wrong) - now
    if wait > 0:
        raise Refusal("rate_limited", retry_after=math.ceil(wait / 1000))
    await conn.execute(sa.update(attempt).where(attempt.c.key == key).values(wrong=wrong + 1, last_at=now))


async def forgive(conn: AsyncConnection, key: str) -> None:
    """The try was right: the budget is whole again."""
    await conn.execute(sa.delete(attempt).where(attempt.c.key == key))


async def sweep(conn: AsyncConnection, now: int) -> None:
    """Forget budgets that are whole again."""
    await conn.execute(sa.delete(attempt).where(attempt.c.last_at < now - FORGET_MS))
