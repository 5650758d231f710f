"""The kill switch: nobody is called and nobody submits, within a second, whichever store still answers (ADR 0023).

SQL and the line are told at once and independently. SQL's half is the stop itself. The line's half is a mark that every
process obeys until SQL has recorded it. Either one holds alone: calls need both stores and submissions need SQL, so
what could not be told cannot serve anybody either. What was not reached in time is said, and goes on trying meanwhile.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import structlog

from console.states import Reached, stopped_words
from foundation.clock import now_ms
from foundation.errors import Code, Refusal, Unavailable
from foundation.sql.database import Database
from quota.period_bounds import SLUG
from quota.periods import flags_of
from quota.store import Period
from waitingroom.line import stops
from waitingroom.line.stops import StopMark, StopMarks

log = structlog.get_logger()

ANSWER_SECONDS = 0.7
"""Both halves together may take so long; with the look at who presses it is all done within a second."""

TIDY_SECONDS = 5.0
"""For the mark to be erased again where SQL has the stop; a ticker does it otherwise."""

LONGEST_REASON = 500


class StopOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one stop. `period` is its row where SQL answered."""

    period_id: str
    sql: bool
    redis: bool
    period: Period | None = None

    @property
    def reached(self) -> Reached:
        if self.sql:
            return Reached.BOTH if self.redis else Reached.SQL
        return Reached.REDIS if self.redis else Reached.NEITHER

    def words(self) -> tuple[str, ...]:
        """What an operator reads of it, in French."""
        return stopped_words(self.reached, None if self.period is None else flags_of(self.period).stand)

    def described(self) -> dict[str, Any]:
        """The outcome as the API and the command line give it."""
        halves = {"sql": self.sql, "redis": self.redis}
        return {"id": self.period_id, **halves, "message": " ".join(self.words())}


class KillSwitch:
    """What stops a period, for the page, the API and the command line."""

    def __init__(
        self,
        db: Database | None,
        marks: StopMarks | None,
        changed: Callable[[Period], Awaitable[object]] | None = None,
    ) -> None:
        """A store that is None is one whose address is not known. `changed` is told the row that SQL wrote."""
        self._db, self._marks, self._changed = db, marks, changed
        self._after: set[asyncio.Task[None]] = set()

    async def stop(
        self, mark: StopMark, reason: str | None = None, seconds: float = ANSWER_SECONDS
    ) -> StopOutcome:
        """Stop the period of this mark in both stores at once, and say within so many seconds which was reached.

        Refusals not_found, and not_allowed for a name of nobody; invalid for a reason that is too long. What a store
        does not answer in time it may still do.
        """
        if not SLUG.fullmatch(mark.period):
            raise Refusal(Code.NOT_FOUND)
        sql = asyncio.ensure_future(self._record(mark, said(reason)))
        line = asyncio.ensure_future(self._mark(mark))
        await asyncio.wait({sql, line}, timeout=seconds)
        after = asyncio.ensure_future(self._tidy(mark, sql, line))
        self._after.add(after)
        after.add_done_callback(self._after.discard)
        if (refusal := refused(sql)) is not None:
            raise refusal
        return StopOutcome(
            period_id=mark.period, sql=succeeded(sql), redis=succeeded(line),
            period=sql.result() if succeeded(sql) else None,
        )  # fmt: skip

    async def settled(self) -> None:
        """Wait for what goes on after the answers: a command does before it ends."""
        await asyncio.gather(*self._after, return_exceptions=True)

    async def _record(self, mark: StopMark, reason: str | None) -> Period:
        if self._db is None:
            raise Unavailable("sql")
        return await self._db.write(lambda conn: stops.record(conn, mark, now_ms(), reason))

    async def _mark(self, mark: StopMark) -> None:
        if self._marks is None:
            raise Unavailable("redis")
        await self._marks.write(mark)

    async def _tidy(self, mark: StopMark, sql: asyncio.Future[Period], line: asyncio.Future[None]) -> None:
        """Hear both halves out. Once SQL has the stop, or refused it, its mark is needed no more."""
        await asyncio.gather(sql, line, return_exceptions=True)
        for half, store in ((sql, "sql"), (line, "redis")):
            problem = half.exception()
            if problem is not None and not isinstance(problem, Refusal):
                log.error("kill_switch_half_failed", store=store, exc_info=problem)
        with contextlib.suppress(Unavailable, TimeoutError):
            async with asyncio.timeout(TIDY_SECONDS):
                if self._marks is not None and succeeded(line) and (succeeded(sql) or refused(sql)):
                    await self._marks.erase(mark)
                if succeeded(sql) and self._changed is not None:
                    await self._changed(sql.result())


def succeeded(half: "asyncio.Future[Period] | asyncio.Future[None]") -> bool:
    """Whether this half is done and went well."""
    return half.done() and not half.cancelled() and half.exception() is None


def refused(half: asyncio.Future[Period]) -> Refusal | None:
    """What SQL answered instead of stopping; that it is away is no answer."""
    problem = half.exception() if half.done() else None
    return problem if isinstance(problem, Refusal) and not isinstance(problem, Unavailable) else None


def said(reason: str | None) -> str | None:
    """The reason as it is kept: none is needed, and an empty one is none. Refusal invalid for a long one."""
    reason = (reason or "").strip()
    if len(reason) > LONGEST_REASON:
        field = {"name": "reason", "reason": f"doit avoir {LONGEST_REASON} caractères au plus"}
        raise Refusal(Code.INVALID, fields=[field])
    return reason or None
