"""Hashing of passwords and answers: Argon2id, off the event loop, in a few threads behind bounded queues.

Staff have a thread and a queue of their own: a flood of candidates does not stand before who steers.

An unknown user name costs the same verifications as a known one, so that the time of an answer tells nobody which names
exist.
"""

import asyncio
import contextlib
import os
import secrets
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from typing import TypeVar

import argon2
from argon2.exceptions import InvalidHashError, VerificationError

from accounts.normalisation import TypedSecret
from foundation.errors import Unavailable

T = TypeVar("T")

COST = argon2.PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""What one hash costs: 19 MiB and two passes, the first of OWASP's equal choices for Argon2id.

Measured on two cores: 30 ms a verification and 63 a second; the library's default takes 143 ms. A sign-in needs two
verifications, so this carries some 30 sign-ins a second, where the default would carry 7. The room calls a few people
a second, so most of the machine stays with the room on the one day that matters, and whoever steals the file still
pays 19 MiB and 30 ms for each guess.
"""

UNMADE = ""
"""In place of a hash, of an account whose import has yet to make it: nothing that is typed belongs to it."""

IN_LINE = 250
"""How many may wait for a hashing thread of one process: as many as hold a token at once by default, so that all who
were called may sign in in the same second. The last of them waits some 8 s on two cores; beyond that, an honest 503."""


STAFF_THREADS = 1
"""Theirs alone: whoever steers an opening never stands behind a flood of candidates."""

STAFF_IN_LINE = 20
"""The last of them waits a second or two. Staff are few: more at once are guesses."""

NEWCOMERS_THREADS = 1

NEWCOMERS_IN_LINE = 60
"""The last of them waits some four seconds for two hashes; beyond that, an honest 503 that keeps what was typed."""

SPARE = 10
"""Places more for tries from a browser that knows the name: a flood from elsewhere never takes the last ones."""

NICENESS = 10
"""Of the hashing threads (0 to 19): a thread of 0 beside one gets nine tenths of a core, and the core at once when it
wakes. The event loop wakes every millisecond, and hashes never sleep (ADR 0034)."""


COST_WORDS = f"m={COST.memory_cost},t={COST.time_cost},p={COST.parallelism}"

_COST = argon2.Parameters(
    argon2.Type.ID, 19, COST.salt_len, COST.hash_len, COST.time_cost, COST.memory_cost, COST.parallelism
)


def is_hash(text: str) -> bool:
    """Whether this is a hash as COST makes it. Another cost would tell by the time of an answer whose account it is."""
    try:
        return argon2.extract_parameters(text) == _COST and text.isascii() and text.isprintable()
    except InvalidHashError:
        return False


class HashingLane(StrEnum):
    """Whose secrets are hashed: each lane has threads and a line of its own."""

    CANDIDATES = "candidates"
    """Those who apply: tens of thousands."""
    STAFF = "staff"
    """Those who steer and handle files: a few."""
    NEWCOMERS = "newcomers"
    """Those who make an account or change their secrets: they never stand before who signs in."""


def at_lower_priority() -> None:
    """Let this thread take a core only from who needs it less. Fails soft: elsewhere than on Linux a thread has no
    priority of its own."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


class _Line:
    """The threads of one lane, and how many are at work or waiting for them."""

    def __init__(self, name: str, threads: int, in_line: int) -> None:
        self.pool = ThreadPoolExecutor(
            threads, thread_name_prefix=f"argon2-{name}", initializer=at_lower_priority
        )
        self.most = threads + in_line
        self.busy = 0

    def has_room(self, known: bool) -> bool:
        return self.busy < self.most + (SPARE if known else 0)


class Hasher:
    """Argon2id in a few threads behind bounded queues, one a lane. Beyond them calls are shed as Unavailable: fails
    closed."""

    def __init__(
        self, threads: int | None = None, in_line: int = IN_LINE, cost: argon2.PasswordHasher = COST
    ) -> None:
        threads = threads or min(4, os.cpu_count() or 1)
        self._lines = {
            HashingLane.CANDIDATES: _Line(HashingLane.CANDIDATES, threads, in_line),
            HashingLane.STAFF: _Line(HashingLane.STAFF, STAFF_THREADS, STAFF_IN_LINE),
            HashingLane.NEWCOMERS: _Line(HashingLane.NEWCOMERS, NEWCOMERS_THREADS, NEWCOMERS_IN_LINE),
        }
        self._cost = cost
        self._dummy = cost.hash(secrets.token_urlsafe(32))

    async def hash(self, *texts: str, lane: HashingLane = HashingLane.CANDIDATES) -> list[str]:
        """One hash a text, in the same order. Raises Unavailable."""
        return await self._run(lambda: [self._cost.hash(text) for text in texts], lane, False)

    async def check(
        self,
        *pairs: tuple[str | None, str | TypedSecret],
        lane: HashingLane = HashingLane.CANDIDATES,
        known: bool = False,
    ) -> list[bool]:
        """Whether each (hash, text) belongs together. Raises Unavailable.

        All pairs are verified, whatever the first one says, and all forms of a text. None stands for the hash of an
        unknown name: a dummy is verified instead, which costs the same; and so for UNMADE. `known` is a try that may
        take the lane's spare places.
        """
        return await self._run(lambda: [self._belongs(stored, text) for stored, text in pairs], lane, known)

    def expect_room(self, lane: HashingLane, known: bool = False) -> None:
        """Raise Unavailable now if `check` would: before anything is counted that would have to be taken back."""
        if not self._lines[lane].has_room(known):
            raise Unavailable("hashing", retry_after=5)

    def _belongs(self, known: str | None, text: str | TypedSecret) -> bool:
        if isinstance(text, str):
            return self._verify(known, text)
        earlier = [self._verify(known if text.counts else None, form) for form in text.earlier]
        return self._verify(known, text.today) or any(earlier)

    def _verify(self, known: str | None, text: str) -> bool:
        try:
            self._cost.verify(known or self._dummy, text)
        except (VerificationError, InvalidHashError):
            return False
        return known is not None and known != UNMADE

    async def _run(self, work: Callable[[], T], lane: HashingLane, known: bool) -> T:
        self.expect_room(lane, known)
        line = self._lines[lane]
        line.busy += 1

        def free(task: asyncio.Future[T]) -> None:
            line.busy -= 1
            if not task.cancelled():
                task.exception()  # seen, even when the caller is gone

        task = asyncio.get_running_loop().run_in_executor(line.pool, work)
        task.add_done_callback(free)
        # A caller who goes away leaves the thread at work and the line as long, so the task is not cancelled with them.
        return await asyncio.shield(task)

    def close(self) -> None:
        for line in self._lines.values():
            line.pool.shutdown(wait=False, cancel_futures=True)
