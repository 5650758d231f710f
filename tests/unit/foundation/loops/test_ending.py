"""A loop ends when it is told to, though a library lost what it was told."""

import asyncio
import contextlib

import pytest

from foundation.loops import ending
from foundation.loops.ending import end


async def forgetful(losses: int) -> None:
    """Goes on for ever, and loses so many cancellations, as a library does in whose hands they fall."""
    while True:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            losses -= 1
            if losses < 0:
                raise


async def begun(losses: int) -> asyncio.Task[None]:
    task = asyncio.create_task(forgetful(losses))
    await asyncio.sleep(0)
    return task


@pytest.mark.parametrize("losses", [0, 1, 2])
async def test_a_loop_ends_though_its_cancellation_was_lost(losses: int) -> None:
    task = await begun(losses)
    await end(task)
    assert task.cancelled()


async def test_told_once_it_goes_on_for_ever() -> None:
    """The twin: a single cancellation is what the library lost."""
    task = await begun(1)
    task.cancel()
    await asyncio.wait({task}, timeout=2 * ending.AGAIN_SECONDS)
    assert not task.done()
    await end(task)


async def test_what_ended_by_itself_is_at_an_end() -> None:
    """Also with an error, which nobody is told of: the process is closing."""

    async def fails() -> None:
        raise ValueError

    task = asyncio.create_task(fails())
    with contextlib.suppress(ValueError):
        await asyncio.shield(task)
    await end(task, asyncio.create_task(asyncio.sleep(0)))
    await end()


async def test_a_loop_that_takes_no_end_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever closes goes on, and the log says so."""
    monkeypatch.setattr(ending, "PATIENCE_SECONDS", 0.15)
    task = await begun(5)
    await end(task)
    assert not task.done()
    monkeypatch.undo()
    await end(task)
