"""What a pause of an event loop is told to be: the loop's own work, a core that others had, or a lock."""

import asyncio
import sys
import time

import pytest

from accounts.passwords import COST
from tests.bench.loop_pauses import (
    LoopPause,
    LoopPauses,
    ThreadTimes,
    beside_hashes,
    figures_of,
    pause,
)

LONG_MS = 30.0


async def seen_by(work: object, own: bool) -> LoopPause:
    """The longest pause while this runs, in the loop's thread or in another."""
    assert callable(work)
    pauses = LoopPauses()
    watching = asyncio.create_task(pauses.run())
    await asyncio.sleep(0.01)
    pauses.taken()
    if own:
        work()
    else:
        await asyncio.to_thread(work)
    await asyncio.sleep(0.01)
    watching.cancel()
    return pauses.taken()[-1]


def busy() -> None:
    until = time.thread_time() + LONG_MS / 1000
    while time.thread_time() < until:
        pass


async def test_a_hash_in_the_loops_own_thread_is_its_work() -> None:
    """Of a longer one nobody can say that it was the machine."""
    known = COST.hash("x")
    seen = await seen_by(lambda: [COST.verify(known, "x") for _ in range(3)], own=True)
    assert seen.worked > LONG_MS
    assert seen.late >= seen.worked


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts a thread's wait for a core")
async def test_a_lock_that_another_thread_holds_is_sleep() -> None:
    """Python's own lock, held for long: the loop neither works nor wants a core."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(10)
    try:
        seen = await seen_by(busy, own=False)
    finally:
        sys.setswitchinterval(before)
    assert seen.slept > LONG_MS / 2
    assert seen.worked < LONG_MS / 2


def test_the_parts_of_a_pause_are_no_more_than_the_pause() -> None:
    """The clocks of a thread and of a loop are not read in the same instant."""
    at = ThreadTimes
    assert pause(9.0, at(0, 0), at(2_000_000, 3_000_000)) == LoopPause(9.0, 2.0, 3.0, 4.0)
    assert pause(1.0, at(0, 0), at(2_000_000, 3_000_000)) == LoopPause(1.0, 1.0, 0.0, 0.0)
    assert pause(-0.5, at(0, 0), at(100_000, 0)) == LoopPause(-0.5, 0.0, 0.0, 0.0)


def test_the_figures_are_of_all_pauses() -> None:
    """The longest part of a kind may be of a pause that is not the longest."""
    found = figures_of(
        [LoopPause(1.0, 0.5, 0.0, 0.5), LoopPause(11.0, 9.0, 2.0, 0.0), LoopPause(20.0, 1.0, 19.0, 0.0)]
    )
    assert (found.longest, found.worked, found.had_no_core, found.slept) == (20.0, 9.0, 19.0, 0.5)
    assert (found.over, found.turns) == (2, 3)


def test_a_bare_loop_is_watched_beside_hashes() -> None:
    """It turns again and again, whatever the machine does."""
    assert beside_hashes(1, 0.2, is_lower=True).turns > 5
