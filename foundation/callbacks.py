"""From a coroutine to a callback: for whoever was not waiting when it turned out that more has to be asked."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

R = TypeVar("R")

_working: set["asyncio.Task[None]"] = set()
"""The loop itself holds tasks by weak references only."""


def when_done(work: Coroutine[Any, Any, R], then: Callable[[R | Exception], None]) -> None:
    """Run it as a task of its own; `then` hears what it returns or raises."""

    async def run() -> None:
        try:
            found = await work
        except Exception as error:
            then(error)
        else:
            then(found)

    task = asyncio.create_task(run())
    _working.add(task)
    task.add_done_callback(_working.discard)
