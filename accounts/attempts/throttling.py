"""Login throttling: wrong tries at signing in are slowed down, and no account is ever locked out (AC-08).

A budget belongs to one name and one source of tries: the browser in which this name signed in before, and otherwise the
address. So a stranger who guesses at an account uses up a budget that is not the owner's. Names that do not exist have
budgets too. They are rows in SQL: delays double with each wrong try, and hold over all processes.

Besides, each name has a count over all sources but those browsers, so that a guesser with sixty addresses has not sixty
budgets (ADR 0021). Past so many, strangers at a candidate's account have fewer tries each, and longer waits; those at
the name of a member of staff wait for each other.

Besides, each source has so many wrong tries over all names, and so has the network around an address: one password
tried on six thousand names is slowed as well. These are token buckets in memory, of each process alone.

Besides, a sign-in may bring a reserve: a few tries that its own right to be served keeps, for when a neighbour has used
up those of the address. They are few, and for all names together, so that many such rights in one hand are not as many
budgets (ADR 0015).

A try is counted before it is hashed: a hundred guesses sent at once are not a hundred free ones.
"""

import math
import time
from collections.abc import Callable, Collection, Mapping
from enum import StrEnum
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.identities import keyed
from accounts.store import attempt
from foundation.errors import Code, Refusal
from foundation.sql.tables import among, insert_for
from server import rate_limits
from server.rate_limits import Buckets, Rate

FREE_TRIES = 5
"""Typing errors happen, more so under a countdown."""

FIRST_DELAY_MS = 2_000

MOST_DELAY_MS = 60_000
"""Delays double from the first to the most. A minute a try makes 1,440 guesses a day at two secrets: too few."""

FORGET_MS = 3_600_000
"""After an hour without a try the budget is whole again."""

ACCOUNT_TRIES = 15
"""Wrong tries at one candidate's account over all sources but its own browsers: what one source has, three times. Past
it the account is slowed for strangers."""

SLOWED_TRIES = 2
"""What each stranger still has at a slowed account: its owner at a new computer, with a typing error."""

SLOWED_FIRST_DELAY_MS, SLOWED_MOST_DELAY_MS = 30_000, 600_000
"""And one more after these, doubling. A thousand addresses make 144,000 guesses a day at two secrets together instead
of 1,440,000; an owner at a strange computer waits, and is never out."""

STAFF_TRIES = 10
"""The same of staff. They are few and known by their browsers, so here strangers share one budget whatever their
number: after these the delays of one source, for all of them together."""


class Slowdown(StrEnum):
    """What becomes of strangers at a name with too many wrong tries."""

    FEWER_EACH = "fewer_each"
    """Each source has fewer tries and longer waits: nobody can use up another's, so nobody is kept out."""
    SHARED = "shared"
    """All strangers wait for each other: a bound that no number of addresses moves."""


ADDRESS = Rate(300, 1)
"""Wrong tries of one address over all accounts: a lecture hall in which everybody mistypes once."""

NETWORK = Rate(3_000, 10)
"""The same of a /24 or /48."""

PERSON = Rate(30, 0.2)
"""The same of one browser that knows the account: a family of seven on one computer, with typing errors."""

RESERVED_TRIES = 3
"""What a reserve has: a typing error, its repair, and one more."""

RESERVED_DELAY_MS = 120_000
"""And one each two minutes after that: four more before the ten minutes of a called person are over."""


class AttemptSource(NamedTuple):
    """Where tries come from. `name` is its part of a budget's key; `shared` when it is an address, and others' too."""

    name: str
    shared: bool

    @classmethod
    def address(cls, address: str) -> "AttemptSource":
        return cls(f"address {address}", True)


class SourceBudgets:
    """Wrong tries by source, over all accounts. Switched off they let everything pass."""

    def __init__(self, on: bool) -> None:
        self._on = on
        self._addresses, self._networks, self._people = Buckets(ADDRESS), Buckets(NETWORK), Buckets(PERSON)

    def _of(self, source: AttemptSource) -> list[tuple[Buckets, str]]:
        if not source.shared:
            return [(self._people, source.name)]
        address = source.name.removeprefix("address ")
        return [(self._addresses, address), (self._networks, rate_limits.around(address))]

    def charge(self, source: AttemptSource) -> None:
        """Count one try, before it is looked at. Raises Refusal rate_limited."""
        if self._on:
            rate_limits.spend(self._of(source), time.monotonic())

    def forgive(self, source: AttemptSource | None) -> None:
        """It was right, or was never looked at: it does not count. None stands for one that was not counted."""
        if self._on and source is not None:
            for buckets, key in self._of(source):
                buckets.take(key, time.monotonic(), -1)


def key_of(secret: str, username: str, source: str) -> str:
    """The name of a budget: keyed, so that the table names no user and no address (P11)."""
    return keyed(secret, f"{username}\x1f{source}")


def account_key_of(secret: str, username: str) -> str:
    """The same of the count of a name over all strangers."""
    return key_of(secret, username, "all strangers")


def delay_ms(wrong: int) -> int:
    """How long after the last of so many wrong tries the next one is looked at, in milliseconds."""
    if wrong < FREE_TRIES:
        return 0
    return _doubling(wrong - FREE_TRIES, FIRST_DELAY_MS, MOST_DELAY_MS)


def slowed_delay_ms(wrong: int) -> int:
    """The same of a stranger at a slowed account."""
    return (
        0
        if wrong < SLOWED_TRIES
        else _doubling(wrong - SLOWED_TRIES, SLOWED_FIRST_DELAY_MS, SLOWED_MOST_DELAY_MS)
    )


def staff_delay_ms(wrong: int) -> int:
    """The same of all strangers together at a name of staff."""
    return 0 if wrong < STAFF_TRIES else _doubling(wrong - STAFF_TRIES, FIRST_DELAY_MS, MOST_DELAY_MS)


def _doubling(times: int, first: int, most: int) -> int:
    return min(most, first << min(times, 16))


def reserved_delay_ms(wrong: int) -> int:
    """The same of a reserve."""
    return 0 if wrong < RESERVED_TRIES else RESERVED_DELAY_MS


class Tries(NamedTuple):
    """What a budget has: wrong tries, and the instant of the last one."""

    wrong: int
    last_at: int

    def fresh(self, now: int) -> int:
        """How many of them still count. Pure."""
        return 0 if now - self.last_at > FORGET_MS else self.wrong

    def wait_ms(self, now: int, delay_ms: Callable[[int], int]) -> int:
        """How long until the next try is looked at; below zero for now. Pure."""
        return self.last_at + delay_ms(self.fresh(now)) - now


NONE = Tries(0, 0)


async def charge(conn: AsyncConnection, key: str, now: int, delay_ms: Callable[[int], int] = delay_ms) -> int:
    """Count one try; how many wrong ones there were before it. Raises Refusal rate_limited with `retry_after` in
    seconds, and counts nothing then."""
    fresh = insert_for(conn, attempt).values(key=key, wrong=0, last_at=0)
    # Even the first try needs a row to lock: of a hundred at once, each must see the one before it. One statement, so
    # that no sign-in that succeeds meanwhile takes the row away between two.
    locked = fresh.on_conflict_do_update(index_elements=[attempt.c.key], set_={"key": key})
    row = (await conn.execute(locked.returning(attempt.c.wrong, attempt.c.last_at))).one()
    tries = Tries(row.wrong, row.last_at)
    refuse_early(tries, now, delay_ms)
    wrong = tries.fresh(now)
    await conn.execute(sa.update(attempt).where(attempt.c.key == key).values(wrong=wrong + 1, last_at=now))
    return wrong


async def count(conn: AsyncConnection, key: str, now: int) -> int:
    """The same of a budget that refuses nobody by itself."""
    begun = insert_for(conn, attempt).values(key=key, wrong=1, last_at=now)
    forgotten = attempt.c.last_at < now - FORGET_MS
    more = {"wrong": sa.case((forgotten, 1), else_=attempt.c.wrong + 1), "last_at": now}
    counted = begun.on_conflict_do_update(index_elements=[attempt.c.key], set_=more)
    wrong = (await conn.execute(counted.returning(attempt.c.wrong))).scalar_one()
    return int(wrong) - 1


async def look(conn: AsyncConnection, keys: Collection[str]) -> Mapping[str, Tries]:
    """What these budgets have, without a lock. A key that has no row is not in it."""
    rows = await conn.execute(_LOOK, {"keys": keys})
    return {row.key: Tries(row.wrong, row.last_at) for row in rows}


_LOOK = sa.select(attempt.c.key, attempt.c.wrong, attempt.c.last_at).where(among(attempt.c.key, "keys"))


def refuse_early(tries: Tries, now: int, delay_ms: Callable[[int], int]) -> None:
    """Refuse a try that comes before its delay is over. Raises Refusal rate_limited with `retry_after` in seconds."""
    if (wait := tries.wait_ms(now, delay_ms)) > 0:
        raise Refusal(Code.RATE_LIMITED, retry_after=math.ceil(wait / 1000))


async def take_back(conn: AsyncConnection, key: str) -> None:
    """The try does not count: it was never looked at, or was right, and the budget is for other accounts too.

    When it was stays, so that no flood makes a budget whole.
    """
    row = sa.and_(attempt.c.key == key, attempt.c.wrong > 0)
    await conn.execute(sa.update(attempt).where(row).values(wrong=attempt.c.wrong - 1))


async def touch(conn: AsyncConnection, key: str) -> None:
    """Write the row as it is: what a known and an unknown name both cost."""
    await conn.execute(sa.update(attempt).where(attempt.c.key == key).values(last_at=attempt.c.last_at))


async def forgive(conn: AsyncConnection, key: str) -> None:
    """The try was right: the budget is whole again."""
    await conn.execute(sa.delete(attempt).where(attempt.c.key == key))


async def sweep(conn: AsyncConnection, now: int) -> None:
    """Forget budgets that are whole again."""
    await conn.execute(sa.delete(attempt).where(attempt.c.last_at < now - FORGET_MS))
