"""Ends work that repeats until it is cancelled, also where a library on its way loses the cancellation.

On Python 3.11 `asyncio.wait_for` returns the answer where answer and cancellation come in the same turn of the loop
(cpython 86296, mended in 3.12), and redis-py writes each command within it: a loop that was cancelled just then goes on
for ever, and whoever waits for its end with it.
"""

import asyncio
from collections.abc import Iterable
from typing import Any

import structlog

log = structlog.get_logger()

AGAIN_SECONDS = 0.1
"""How long a task has to end after one cancellation before it gets another."""

PATIENCE_SECONDS = 10.0
"""After this whoever waits goes on without it: a supervisor would kill the process a little later."""


async def end(*tasks: asyncio.Task[Any]) -> None:
    """Cancel these until they have ended; what they raised then is nobody's concern any more.

    A task that ends by itself meanwhile is done as well. One that takes no end within `PATIENCE_SECONDS` is left
    behind, and a line in the log says how many were.
    """
    late = await _ended(tasks)
    for task in set(tasks) - late:
        if not task.cancelled():
            task.exception()  # looked at, so that nothing is said of it when it is collected
    if late:
        log.error("loops_do_not_end", count=len(late))


async def _ended(tasks: Iterable[asyncio.Task[Any]]) -> set[asyncio.Task[Any]]:
    late = set(tasks)
    until = asyncio.get_running_loop().time() + PATIENCE_SECONDS
    while late and asyncio.get_running_loop().time() < until:
        for task in late:
            task.cancel()
        _, late = await asyncio.wait(late, timeout=AGAIN_SECONDS)
    return late
