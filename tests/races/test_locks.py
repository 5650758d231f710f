"""What transactions do to each other, and what people are told when one of them has to give way."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.attempts import throttling
from accounts.store import attempt
from foundation.errors import Refusal, Unavailable
from foundation.sql.database import Database
from quota import ledger, store
from quota.store import Period, period_of
from tests.integration.foundation.sql.test_database import nothing
from tests.support.rooms import make_period, rows_of

Lock = Callable[[AsyncConnection, str], Awaitable[Period]]

Leave = Callable[[AsyncConnection, list[tuple[str, int]]], Awaitable[None]]


@pytest.fixture
async def db(postgresql_url: str) -> AsyncIterator[Database]:
    opened = Database(postgresql_url)
    yield opened
    await opened.close()


async def careless_lock(conn: AsyncConnection, uid: str) -> Period:
    """The same with FOR UPDATE, as one writes it without thinking of rows that name this one."""
    row = await conn.execute(sa.select(store.period).where(store.period.c.uid == uid).with_for_update())
    return period_of(row.one())


async def in_their_order(conn: AsyncConnection, leaves: list[tuple[str, int]]) -> None:
    """The same in the order in which people happened to leave, one row after the other."""
    for leave in leaves:
        await ledger.leave_waiting(conn, [leave])
        await asyncio.sleep(0.1)


async def call_and_leave(
    db: Database, lock: Lock, leave: Leave, leaves: list[int], apart: float
) -> list[BaseException | None]:
    """A call of 1, 2 and 3, and leaves at the same instant: what became of both."""
    period = await make_period(db)
    locked = asyncio.Event()

    async def calling(conn: AsyncConnection) -> None:
        mine = await lock(conn, period.uid)
        locked.set()
        for number in (1, 2, 3):
            await asyncio.sleep(apart)
            await ledger._insert_tokens(conn, mine, [number], 0)

    calls = asyncio.create_task(db.write(calling))
    await locked.wait()
    given_up = db.write(lambda conn: leave(conn, [(period.uid, number) for number in leaves]))
    ended = list(await asyncio.gather(calls, given_up, return_exceptions=True))
    assert set(await rows_of(db, period)) == {1, 2, 3}
    return ended


async def test_a_leave_waits_for_nobody_who_waits_for_it(db: Database) -> None:
    """Somebody leaves in the instant of the call: both go through, and the number has one row."""
    assert await call_and_leave(db, ledger.lock, ledger.leave_waiting, [3, 2], 0.1) == [None, None]


@pytest.mark.parametrize(
    ("lock", "leave"), [(careless_lock, ledger.leave_waiting), (ledger.lock, in_their_order)]
)
async def test_without_that_care_a_call_and_a_leave_stop_each_other(
    db: Database, lock: Lock, leave: Leave
) -> None:
    """Twin: with FOR UPDATE, or with leaves in any order, PostgreSQL finds a deadlock and undoes one of the two.

    Whoever it is told is `unavailable`, never an internal error: nothing was written and the request may be repeated.
    """
    ended = await call_and_leave(db, lock, leave, [3, 2, 1], 0.1)
    assert [type(one) for one in ended if one is not None] == [Unavailable]


async def test_people_who_look_do_not_wait_for_people_who_write(db: Database) -> None:
    """Fifteen writers wait for a period's row that a frozen process holds: a look is answered at once."""
    period = await make_period(db)
    thaw, locked = asyncio.Event(), asyncio.Event()

    async def frozen(conn: AsyncConnection) -> None:
        await ledger.lock(conn, period.uid)
        locked.set()
        await thaw.wait()

    holder = asyncio.create_task(db.write(frozen))
    await locked.wait()
    writers = [asyncio.create_task(db.write(lambda conn: ledger.lock(conn, period.uid))) for _ in range(15)]
    await asyncio.sleep(0.1)
    async with asyncio.timeout(1):
        assert await db.read(lambda conn: ledger.find(conn, period.uid, 1)) is None
    thaw.set()
    await asyncio.gather(holder, *writers)


async def test_tries_at_once_are_counted_while_others_are_forgiven(db: Database) -> None:
    """A budget that a right try makes whole between two statements of a wrong one: no error, both counted."""

    async def one_try(now: int) -> None:
        with contextlib.suppress(Refusal):  # too many at once, and told so
            await db.write(lambda conn: throttling.charge(conn, "k", now))
            await db.write(lambda conn: throttling.forgive(conn, "k"))

    for _ in range(30):
        await asyncio.gather(*(one_try(n * 10**9) for n in range(10)))
    assert (await db.read(lambda conn: conn.execute(sa.select(attempt)))).all() == []


async def test_writers_of_sqlite_do_not_wait_for_each_others_waits(sqlite_url: str) -> None:
    """A frozen process holds the file: each of five writers behind it is told after one patience, not after five."""
    frozen, db = (Database(sqlite_url, patience_seconds=1) for _ in range(2))
    thaw, held = asyncio.Event(), asyncio.Event()

    async def hold(conn: AsyncConnection) -> None:
        held.set()
        await thaw.wait()

    holder = asyncio.create_task(frozen.write(hold))
    await held.wait()
    started = time.monotonic()
    ended = await asyncio.gather(*(db.write(nothing) for _ in range(5)), return_exceptions=True)
    assert [type(one) for one in ended] == [Unavailable] * 5
    assert time.monotonic() - started < 3.5
    thaw.set()
    await holder
    await db.write(nothing)
    await frozen.close()
    await db.close()


async def test_a_reader_who_sleeps_keeps_no_writer_waiting_for_the_checkpoint(sqlite_url: str) -> None:
    """A long look, such as `guichet verify`, is under way while the log is folded: a writer waits a moment, not 5 s."""
    sleeper, ticker, web = (Database(sqlite_url) for _ in range(3))
    await make_period(ticker)
    wake, looked = asyncio.Event(), asyncio.Event()

    async def sleep(conn: AsyncConnection) -> None:
        await ledger.find(conn, "uid", 1)
        looked.set()
        await wake.wait()

    reader = asyncio.create_task(sleeper.read(sleep))
    await looked.wait()
    await make_period(web, uid="b", id="b", ordinal=2)
    folding = asyncio.create_task(ticker.checkpoint())
    await asyncio.sleep(0.1)
    started = time.monotonic()
    await web.write(lambda conn: ledger.lock(conn, "b"))
    assert time.monotonic() - started < 2.5
    await folding
    wake.set()
    await reader
    for db in (sleeper, ticker, web):
        await db.close()
