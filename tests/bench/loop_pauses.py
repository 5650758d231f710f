"""For how long an event loop does not turn, and what took the time: its own work, a core that others had, or a lock.

Linux counts for each thread how long it ran, and how long it was ready to run and had no core (`schedstat`). The rest
of a pause the thread slept, though a call was due: it waited for a lock, in Python above all for the one that one
thread at a time may hold, or the whole machine stood.
"""

import asyncio
import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple

import uvloop

from accounts.passwords import COST, at_lower_priority
from foundation.clock import now_ms

OF_THIS_THREAD: Final = "/proc/thread-self/schedstat"

MS: Final = 1_000_000
"""Nanoseconds."""

BESIDE_SECONDS: Final = 6.0


class LoopPause(NamedTuple):
    """How late a call of every millisecond came, and of that the loop's own work, the time in which its thread was
    ready and had no core, and the rest, in which it slept. Milliseconds."""

    late: float
    worked: float
    had_no_core: float
    slept: float


class ThreadTimes(NamedTuple):
    """What a thread has run, and has waited for a core, since it began: nanoseconds."""

    ran: int
    waited: int


class LoopPauses:
    """How late a call of every millisecond comes."""

    def __init__(self) -> None:
        self.seen: list[LoopPause] = []

    async def run(self) -> None:
        """Until it is cancelled; of the thread in which it runs."""
        loop = asyncio.get_running_loop()
        try:
            file = os.open(OF_THIS_THREAD, os.O_RDONLY)
        except OSError:  # another system than Linux: a wait for a core is told as sleep
            file = -1
        try:
            before = _times(file)
            while True:
                due = loop.time() + 0.001
                await asyncio.sleep(0.001)
                late, now = (loop.time() - due) * 1000, _times(file)
                self.seen.append(pause(late, before, now))
                before = now
        finally:
            if file >= 0:
                os.close(file)

    def taken(self) -> list[LoopPause]:
        """What was seen since this was asked last, the longest last."""
        found, self.seen = sorted(self.seen), []
        return found


def _times(file: int) -> ThreadTimes:
    if file < 0:
        return ThreadTimes(time.thread_time_ns(), 0)
    ran, waited, _ = os.pread(file, 100, 0).split()
    return ThreadTimes(int(ran), int(waited))


def pause(late: float, before: ThreadTimes, now: ThreadTimes) -> LoopPause:
    """What took so many milliseconds, by the times of the loop's thread before and after. Pure."""
    worked = min(max(late, 0.0), (now.ran - before.ran) / MS)
    had_no_core = min(max(late, 0.0) - worked, (now.waited - before.waited) / MS)
    return LoopPause(late, worked, had_no_core, max(0.0, late - worked - had_no_core))


class PauseFigures(NamedTuple):
    """What a run saw: the longest pause and the one that 99.9 % are below; and over all pauses the longest part of
    each kind. Milliseconds. `over` of `turns` were longer than ten."""

    longest: float
    p999: float
    worked: float
    had_no_core: float
    slept: float
    over: int
    turns: int


MOST_MS: Final = 10.0


def figures_of(seen: list[LoopPause]) -> PauseFigures:
    """Of pauses in order, the longest last. Pure."""
    return PauseFigures(
        longest=seen[-1].late,
        p999=seen[int(len(seen) * 0.999)].late,
        worked=max(one.worked for one in seen),
        had_no_core=max(one.had_no_core for one in seen),
        slept=max(one.slept for one in seen),
        over=sum(one.late > MOST_MS for one in seen),
        turns=len(seen),
    )


async def _beside_hashes(threads: int, seconds: float, *, is_lower: bool) -> PauseFigures:
    loop, pauses, until = asyncio.get_running_loop(), LoopPauses(), now_ms() + round(seconds * 1000)
    known = COST.hash("x")

    def hash_on() -> None:
        while now_ms() < until:
            COST.verify(known, "x")

    watching = asyncio.create_task(pauses.run())
    with ThreadPoolExecutor(threads, initializer=at_lower_priority if is_lower else None) as pool:
        if threads:
            await asyncio.gather(*(loop.run_in_executor(pool, hash_on) for _ in range(threads)))
    watching.cancel()
    return figures_of(pauses.taken())


def beside_hashes(threads: int, seconds: float = BESIDE_SECONDS, *, is_lower: bool) -> PauseFigures:
    """The counterpart: a loop with nothing to do beside so many threads that hash, of the service's lower priority or
    of the loop's own. What it sees is the kernel's and the machine's."""
    return uvloop.run(_beside_hashes(threads, seconds, is_lower=is_lower))
