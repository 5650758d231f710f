"""How SQL is read and written: `read` for looks, `write` for a step that is committed when it returns.

Everything fails closed: no answer in time is `Unavailable`, nothing half-written. PostgreSQL runs at READ COMMITTED,
and each step is a transaction of its own. SQLite is opened with WAL and `synchronous=FULL`, has one writer at a time,
and pays for every commit with a write to the disk: so the steps that wait in a process are committed together, each in
a savepoint of its own (ADR 0009). A step that is refused undoes itself alone; a commit that fails, fails for all.
"""

import asyncio
import contextlib
import contextvars
import fcntl
import math
import os
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from quota import sqlite
from quota.errors import Unavailable

T = TypeVar("T")
Work = Callable[[AsyncConnection], Awaitable[T]]

MOST_TOGETHER = 64
BATCH_SECONDS = 0.1
"""No step joins a batch of so many, or that has run for so long: other processes wait behind it."""

STEP_SECONDS = 5.0
"""A step that has not ended by then hangs. One that may take longer says so when it is written."""

LONG_SECONDS = 600.0
"""For a step that fills a store before it serves, such as thousands of accounts."""

ANSWER_SECONDS = 5.0
"""From asking the pool for a connection to the server's answer on it; past this it is away."""

PARTING_SECONDS = 1.0
"""For the steps that still run when a process ends. Their callers are gone already."""

LOOK_AGAIN_SECONDS = 0.002
"""Between two looks at whether the turn to write is free."""

FOLD_MS = 1_000
"""The longest that a checkpoint keeps writers waiting for a reader."""


class Database:
    """One SQL store."""

    def __init__(self, url: str, patience_seconds: float = 5.0) -> None:
        self.url = sa.make_url(url)
        self._patience = patience_seconds
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._batches: Batches | None = None
        self._running: set[asyncio.Task[Any]] = set()
        if self.is_sqlite:
            self._reader = self._sqlite("BEGIN")
            self._writer = self._sqlite("BEGIN IMMEDIATE")
            turn = Turn(Path(f"{self.url.database}-turn"), patience_seconds)
            self._batches = Batches(self._writer, turn, patience_seconds)
        else:
            # Apart, so that writers who wait for a period's row do not keep everybody from looking.
            self._reader, self._writer = self._postgresql(), self._postgresql()

    def _sqlite(self, begin: str) -> AsyncEngine:
        url = self.url.set(drivername="sqlite+aiosqlite")
        engine = create_async_engine(
            url, connect_args={"timeout": self._patience, "async_creator_fn": sqlite.connect},
            pool_size=4, max_overflow=0, pool_timeout=5,
        )  # fmt: skip

        @event.listens_for(engine.sync_engine, "connect")
        def configure(connection: Any, _record: object) -> None:
            connection.isolation_level = None
            cursor = connection.cursor()
            # Autocheckpoint is off because of the WAL reset bug before SQLite 3.51.3: `checkpoint` does it alone.
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "wal_autocheckpoint=0"):
                cursor.execute(f"PRAGMA {pragma}")
            cursor.close()

        @event.listens_for(engine.sync_engine, "begin")
        def start(connection: sa.Connection) -> None:
            connection.exec_driver_sql(begin)

        return engine

    def _postgresql(self) -> AsyncEngine:
        url = self.url.set(drivername="postgresql+asyncpg")
        server = {
            "lock_timeout": "5000",
            "statement_timeout": "10000",
            "idle_in_transaction_session_timeout": "5000",
        }
        return create_async_engine(
            url,
            pool_size=10,
            max_overflow=0,
            pool_timeout=5,
            pool_pre_ping=True,
            isolation_level="READ COMMITTED",
            connect_args={"timeout": 5, "command_timeout": 11, "server_settings": server},
        )

    async def read(self, work: Work[T]) -> T:
        """Run `work` on a connection of its own; nothing it writes is kept. Raises Unavailable."""
        try:
            async with connected(self._reader) as connection:
                return await work(connection)
        except Exception as problem:
            raise_if_away(problem)
            raise

    async def write(self, step: Work[T], seconds: float = STEP_SECONDS) -> T:
        """Run `step`, committed when this returns; it must end within so many seconds. Raises Unavailable.

        It runs to its end even if the caller is cancelled: a statement in SQLite's thread cannot be called back. A step
        has the writer in its hand, so it makes no network call and writes nothing by itself.
        """
        if self._batches is not None:
            return await self._batches.write(step, seconds)
        running = asyncio.ensure_future(self._alone(step))
        self._running.add(running)
        running.add_done_callback(self._running.discard)
        return await asyncio.shield(running)

    async def _alone(self, step: Work[T]) -> T:
        try:
            async with connected(self._writer) as connection, connection.begin():
                return await step(connection)
        except Exception as problem:
            raise_if_away(problem)
            raise

    async def checkpoint(self) -> None:
        """Fold SQLite's write-ahead log into the file while nobody writes. Nothing to do on PostgreSQL.

        It waits for a reader with the turn in its hand, and so makes all writers wait: a second at most, and a log that
        could not be folded now is folded later.
        """
        if self._batches is not None:
            async with self._batches.turn.mine(), self._writer.connect() as connection:
                driver: Any = (await connection.get_raw_connection()).driver_connection
                await driver.execute(f"PRAGMA busy_timeout={FOLD_MS}")
                try:
                    await driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                finally:
                    await driver.execute(f"PRAGMA busy_timeout={round(self._patience * 1000)}")

    async def close(self) -> None:
        """End what waits, then close. On PostgreSQL a step that takes longer than a second is undone."""
        if self._batches is not None:
            await self._batches.close()
        if self._running:  # a connection that comes back after `dispose` would never be closed
            _, late = await asyncio.wait(self._running, timeout=PARTING_SECONDS)
            for step in late:
                step.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self._writer.dispose()
        await self._reader.dispose()


@contextlib.asynccontextmanager
async def connected(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A connection that answered just now. TimeoutError when none does: a frozen server is found out here."""
    async with asyncio.timeout(ANSWER_SECONDS):
        connection = await engine.connect()
    try:
        yield connection
    finally:
        await connection.close()


class Waiting:
    """A step that waits to be committed, and what became of it."""

    def __init__(self, step: Work[Any], seconds: float) -> None:
        self.step, self.seconds = step, seconds
        self.since = time.monotonic()
        self.answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.result: Any = None
        self.problem: BaseException | None = None

    def tell(self) -> None:
        """Only now, that it is on the disk, or never will be (P3)."""
        if self.answer.done():
            return
        if self.problem is None:
            self.answer.set_result(self.result)
        else:
            self.answer.set_exception(self.problem)


class Batches:
    """The one writer of a process on SQLite: what waits is committed as one transaction, in the order it came."""

    def __init__(self, engine: AsyncEngine, turn: "Turn", patience_seconds: float) -> None:
        self._engine, self.turn, self._patience = engine, turn, patience_seconds
        self._queue: deque[Waiting] = deque()
        self._task: asyncio.Task[None] | None = None

    async def write(self, step: Work[T], seconds: float) -> T:
        """As `Database.write`. A caller who goes away leaves the step where it is: nothing is half-done."""
        waiting = Waiting(step, seconds)
        self._queue.append(waiting)
        if self._task is None:
            # In a context of its own: what a step logs is not the first caller's request.
            context = contextvars.Context()
            self._task = asyncio.get_running_loop().create_task(self._drain(), context=context)
        result: T = await asyncio.shield(waiting.answer)
        return result

    async def _drain(self) -> None:
        try:
            while self._queue:
                await self._commit()
        finally:  # also when the loop ends: nobody waits for ever
            self._task = None
            self._tell(self._queue, Unavailable("sql"))

    async def _commit(self) -> None:
        """One batch. Whatever becomes of it, everyone in it hears of it, and only afterwards."""
        batch: list[Waiting] = []
        problem: BaseException | None = None
        try:
            async with self.turn.mine(since=self._queue[0].since):
                async with asyncio.timeout(STEP_SECONDS) as limit, self._engine.begin() as connection:
                    began = time.monotonic()
                    while self._queue and self._has_room(batch, began):
                        batch.append(self._queue.popleft())
                        limit.reschedule(asyncio.get_running_loop().time() + batch[-1].seconds)
                        await self._run(connection, batch[-1])
                        # A step may have run without a pause: others are served between two.
                        await asyncio.sleep(0)
                    if asyncio.get_running_loop().time() > (limit.when() or math.inf):
                        raise TimeoutError  # found out before the commit, not in the middle of it
        except asyncio.CancelledError:  # the loop ends, and what became of the commit nobody knows
            problem = Unavailable("sql")
            raise
        except BaseException as raised:
            problem = away(raised) or raised
            batch = batch or self._given_up()  # none began: the turn or the transaction could not be had
        finally:
            self._tell(batch, problem)

    def _has_room(self, batch: list[Waiting], began: float) -> bool:
        return len(batch) < MOST_TOGETHER and time.monotonic() - began < BATCH_SECONDS

    async def _run(self, connection: AsyncConnection, waiting: Waiting) -> None:
        """One step in its savepoint. Raises what means that the store is away: that is the whole batch's matter."""
        try:
            async with connection.begin_nested():
                waiting.result = await waiting.step(connection)
        except Exception as problem:
            if away(problem) is not None:
                raise
            waiting.problem = problem

    def _given_up(self) -> list[Waiting]:
        """The first, and whoever else has waited as long as one may."""
        batch = [self._queue.popleft()]
        while self._queue and time.monotonic() - self._queue[0].since >= self._patience:
            batch.append(self._queue.popleft())
        return batch

    def _tell(self, batch: "list[Waiting] | deque[Waiting]", problem: BaseException | None) -> None:
        for waiting in batch:
            waiting.problem = problem or waiting.problem
            waiting.tell()

    async def close(self) -> None:
        if self._task is not None:
            await self._task
        self.turn.close()


class Turn:
    """The turn to write to a SQLite file, among all processes of this machine. Whoever waits longest is next.

    SQLite's own lock is looked at ever more rarely, in the end ten times a second: a process that commits batch after
    batch would leave the ticker outside for seconds. Here whoever comes back for another turn stands behind whoever
    waits: one holds the place `next` until it has the turn. A process that dies gives up both.
    """

    def __init__(self, path: Path, patience_seconds: float) -> None:
        self._path, self._patience = path, patience_seconds
        self._here = asyncio.Lock()
        self._files: tuple[int, int] | None = None

    @contextlib.asynccontextmanager
    async def mine(self, since: float | None = None) -> AsyncIterator[None]:
        """The turn. TimeoutError when it is not had within the patience, counted from `since` (`time.monotonic`)."""
        waited = 0.0 if since is None else time.monotonic() - since
        async with asyncio.timeout(max(0.0, self._patience - waited)):
            await self._here.acquire()
            try:
                turn = await self._from_other_processes()
            except BaseException:
                self._here.release()
                raise
        try:
            yield
        finally:
            fcntl.flock(turn, fcntl.LOCK_UN)
            self._here.release()

    async def _from_other_processes(self) -> int:
        if self._files is None:
            self._files = (self._open("next"), self._open("now"))
        behind, turn = self._files
        await locked(behind)
        try:
            await locked(turn)
        finally:
            fcntl.flock(behind, fcntl.LOCK_UN)
        return turn

    def _open(self, which: str) -> int:
        return os.open(f"{self._path}-{which}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def close(self) -> None:
        for file in self._files or ():
            os.close(file)
        self._files = None


async def locked(file: int) -> None:
    """Lock this file, looking again and again while somebody else has it."""
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
        else:
            return


AWAY = (OperationalError, InterfaceError, PoolTimeout, OSError, TimeoutError)


def away(problem: BaseException) -> Unavailable | None:
    """Unavailable for a server that went away or gave up waiting for a lock; None for a fault of ours, or a refusal.

    By the class of SQLSTATE: connection, transaction rolled back (a deadlock), resources, lock, operator's hand.
    """
    state = getattr(getattr(problem, "orig", None), "sqlstate", None) or ""
    lost = isinstance(problem, DBAPIError) and (
        problem.connection_invalidated or state[:2] in {"08", "40", "53", "55", "57"}
    )
    if not lost and not isinstance(problem, AWAY):
        return None
    unavailable = Unavailable("sql")
    unavailable.__cause__ = (
        problem  # also where it is told to others: what is said on the command line is in there
    )
    return unavailable


def raise_if_away(problem: Exception) -> None:
    """Raises Unavailable in place of what `away` knows."""
    if (unavailable := away(problem)) is not None:
        raise unavailable from problem
