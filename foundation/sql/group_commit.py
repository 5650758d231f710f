"""Group commit on SQLite: the steps that wait in a process are committed together, each in a savepoint (ADR 0009)."""

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
from typing import Any, TypeVar, cast

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from foundation.errors import Unavailable
from foundation.sql.outage import away

T = TypeVar("T")

Work = Callable[[AsyncConnection], Awaitable[T]]

STEP_SECONDS = 5.0
"""A step that has not ended by then hangs. One that may take longer says so when it is written."""

MOST_TOGETHER = 64

BATCH_SECONDS = 0.1
"""No step joins a batch of so many, or that has run for so long: other processes wait behind it."""

LOOK_AGAIN_SECONDS = 0.002
"""Between two looks at whether the turn to write is free."""


class PendingStep:
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


class GroupCommit:
    """The one writer of a process on SQLite: what waits is committed as one transaction, in the order it came."""

    def __init__(self, engine: AsyncEngine, turn: "WriterLock", patience_seconds: float) -> None:
        self._engine, self.turn, self._patience = engine, turn, patience_seconds
        self._queue: deque[PendingStep] = deque()
        self._task: asyncio.Task[None] | None = None

    async def write(self, step: Work[T], seconds: float) -> T:
        """As `Database.write`. A caller who goes away leaves the step where it is: nothing is half-done."""
        waiting = PendingStep(step, seconds)
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
        finally:  # also when the loop ends: no caller waits for ever
            self._task = None
            self._tell(self._queue, Unavailable("sql"))

    async def _commit(self) -> None:
        """One batch. Whatever becomes of it, every caller in it is told, and only afterwards."""
        batch: list[PendingStep] = []
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
        except asyncio.CancelledError:  # the loop ends: whether it was committed is unknown
            problem = Unavailable("sql")
            raise
        except BaseException as raised:
            problem = away(raised) or raised
            batch = batch or self._given_up()  # none began: the turn or the transaction could not be had
        finally:
            self._tell(batch, problem)

    def _has_room(self, batch: list[PendingStep], began: float) -> bool:
        return len(batch) < MOST_TOGETHER and time.monotonic() - began < BATCH_SECONDS

    async def _run(self, connection: AsyncConnection, waiting: PendingStep) -> None:
        """One step in its savepoint. Raises what means that the store is away: that is the whole batch's matter."""
        # The driver's own: SQLAlchemy's nested transactions take as long as a short step.
        driver: Any = cast(Any, connection.sync_connection).connection.driver_connection
        await driver.run("execute", "SAVEPOINT step", ())
        try:
            waiting.result = await waiting.step(connection)
        except Exception as problem:
            if away(problem) is not None:
                raise
            waiting.problem = problem
            await driver.run("execute", "ROLLBACK TO step", ())
        await driver.run("execute", "RELEASE step", ())

    def _given_up(self) -> list[PendingStep]:
        """The first step, and all others that have waited as long as a step may."""
        batch = [self._queue.popleft()]
        while self._queue and time.monotonic() - self._queue[0].since >= self._patience:
            batch.append(self._queue.popleft())
        return batch

    def _tell(self, batch: "list[PendingStep] | deque[PendingStep]", problem: BaseException | None) -> None:
        for waiting in batch:
            waiting.problem = problem or waiting.problem
            waiting.tell()

    async def close(self) -> None:
        if self._task is not None:
            await self._task
        self.turn.close()


class WriterLock:
    """A fair lock for writing to a SQLite file, among all processes of this machine: first come, first served.

    SQLite's own lock is polled ever more rarely, in the end ten times a second: a process that commits batch after
    batch would starve the ticker for seconds. Here two file locks make a queue: a waiter holds `next` until it has
    `now`, so a process that comes back stands behind those that wait. A process that dies gives up both."""

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
    """Lock this file, polling while another process has it."""
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
        else:
            return
