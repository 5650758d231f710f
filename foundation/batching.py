"""Batching with backpressure: calls that arrive while one is under way go out together as the next one."""

import asyncio
import contextlib
import math
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Generic, TypeVar

import structlog

from foundation.errors import Unavailable

log = structlog.get_logger()


MOST_TOGETHER = 500
"""Calls that go out together: for joins about 3 ms of the server's time, so that others wait little."""

RETURN_SECONDS = 8
"""Callers that are shed come back spread over so many seconds (jitter)."""

ENOUGH = 64
"""Calls that wait for nothing more: together one of them costs next to nothing."""

FEW = 32
"""A call of fewer was hardly worth its price: the next one waits for company, unless it has as many."""

WRITTEN_TURNS = 2
"""Turns of the loop until a call that was begun is on its way: in the first one redis-py sees whether its connection
still stands."""

A = TypeVar("A")

R = TypeVar("R")


class Batcher(Generic[A, R]):
    """Calls that arrive while one is under way go out together as the next one, in their order.

    This is what makes a durable line cheap, as group commit does: one write to disk serves all that arrived meanwhile.
    """

    def __init__(
        self,
        send: Callable[[list[A]], Awaitable[list[R]]],
        most: int = MOST_TOGETHER,
        store: str = "redis",
        patience: float | None = None,
        turns: int = WRITTEN_TURNS,
        apart_seconds: float = 0.0,
    ) -> None:
        """`most` go together; `store` is what is said to be away when the process ends meanwhile.

        `patience` is the bound of the queue, in seconds of expected wait: beyond it a call is refused at once
        (backpressure). `turns` of the loop are left to the next call before the callers of the last are told. Calls
        begin at least `apart_seconds` apart while they have but a `FEW`: one costs its process as much as telling tens
        of callers.
        """
        self._send, self._most, self._store, self._patience = send, most, store, patience
        self._turns = turns
        self._apart = apart_seconds
        self._call_seconds, self._began_at = 0.0, -math.inf
        self._last_size = 0
        self._queue: list[tuple[A, Callable[[R | BaseException], None]]] = []
        self._task: asyncio.Task[None] | None = None
        self._held: asyncio.Event | None = None

    async def __call__(self, item: A) -> R:
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self.put(item, partial(_settle, future))
        return await future

    def put(self, item: A, then: Callable[[R | BaseException], None]) -> None:
        """The same without waiting: `then` hears of the reply, or of why there is none. Raises Unavailable."""
        self._shed()
        self._queue.append((item, then))
        if self._task is None:
            self._task = asyncio.create_task(self._begin())
        elif self._held is not None and len(self._queue) >= ENOUGH:
            self._held.set()

    def _shed(self) -> None:
        """Load shedding. Raises Unavailable when the calls before this one would take longer than the patience."""
        calls = len(self._queue) // self._most
        if self._patience is None or not calls:
            return
        expected = (1 + calls) * self._call_seconds
        if expected > self._patience:
            raise Unavailable(
                self._store, retry_after=math.ceil(expected) + secrets.randbelow(RETURN_SECONDS)
            )

    async def _begin(self) -> None:
        # One turn of the loop, so that requests that are already here go along.
        await asyncio.sleep(0)
        left = self._began_at + self._apart - time.monotonic() if self._is_small() else 0.0
        if left > 0 and len(self._queue) < ENOUGH:
            self._held = asyncio.Event()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._held.wait()
            self._held = None
        await self._go()

    def _is_small(self) -> bool:
        """Whether a call of what waits now would be the second in a row that has but a few."""
        return self._last_size < FEW and len(self._queue) < FEW

    async def _go(self) -> None:
        """One call; then the next one for those that wait by now, and only then are the callers of this one told.

        So the store works while this process tells them. Whatever becomes of a call, each of its callers is told.
        """
        batch, self._queue = self._queue[: self._most], self._queue[self._most :]
        self._last_size = len(batch)
        replies: Sequence[R | BaseException]
        self._began_at = began = time.monotonic()
        try:
            given = await self._send([item for item, _ in batch])
            replies = [reply for _, reply in zip(batch, given, strict=True)]
        except Exception as problem:
            replies = [problem] * len(batch)
        except asyncio.CancelledError:
            self._task = None
            self._tell(batch, [Unavailable(self._store)] * len(batch))
            raise
        took = time.monotonic() - began
        self._call_seconds = (3 * self._call_seconds + took) / 4 if self._call_seconds else took
        if self._queue:
            more = self._begin() if self._apart and self._is_small() else self._go()
            self._task = asyncio.create_task(more)
        else:
            self._task = None
        try:
            for _ in range(self._turns if self._task else 0):
                await asyncio.sleep(0)
        finally:
            self._tell(batch, replies)

    def _tell(
        self, batch: list[tuple[A, Callable[[R | BaseException], None]]], replies: Sequence[R | BaseException]
    ) -> None:
        for (_, then), reply in zip(batch, replies, strict=True):
            try:
                then(reply)
            except Exception:  # one callback that fails must not keep it from the others
                log.exception("unexpected")


def _settle(future: asyncio.Future[R], reply: R | BaseException) -> None:
    if future.done():
        return  # the caller was cancelled
    if isinstance(reply, BaseException):
        future.set_exception(reply)
    else:
        future.set_result(reply)


class Gatherer(Generic[A]):
    """What may wait for a moment: handed on together, so that a batch has more in it than what is here by chance."""

    def __init__(self, seconds: float, hand_on: Callable[[list[A]], None]) -> None:
        self._seconds, self._hand_on = seconds, hand_on
        self._items: list[A] = []

    def put(self, item: A) -> None:
        """It is handed on after `seconds` at most."""
        if not self._items:
            asyncio.get_running_loop().call_later(self._seconds, self._go)
        self._items.append(item)

    def _go(self) -> None:
        items, self._items = self._items, []
        self._hand_on(items)
