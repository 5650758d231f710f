"""What is found out about an installation before a period is announced or armed: the stores, the clocks, the processes.

Everything is asked at once, and what does not answer in two seconds has not answered: it fails soft, as « unknown » or
« does not answer ». What follows from it is `console/readiness.py`'s to say.
"""

import asyncio
import os
import shutil
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from pathlib import Path
from typing import TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.registration import windows
from config import assets
from config.migrations import at_step, newest_step
from console.readiness import ReadinessFacts
from foundation import heartbeat
from foundation.calendar.days import day_of
from foundation.clock import now_ms
from foundation.errors import Refusal, Unavailable
from foundation.heartbeat import Heartbeat
from foundation.sql.database import Database
from publicsite.fees.tariffs import missing_row
from quota.frozen_rules import differs, is_whole, rules_of
from quota.programmes import Programme
from quota.store import Period
from submission import readiness
from submission.drafts.encryption import DraftCiphers
from submission.forms.files import Forms
from submission.readiness import ReadyCandidates
from waitingroom.line.durability import Durability
from waitingroom.line.store import Line

T = TypeVar("T")

ANSWER_SECONDS = 2.0
"""For each question but the counts."""

COUNT_SECONDS = 20.0
"""Tens of thousands of drafts are read for one."""

COUNT_LASTS_SECONDS = 60.0

KINDS = ("ticker", "web", "worker")

Alive = Callable[[], Awaitable[Mapping[str, bool]]]
"""Which kinds of processes are alive; a kind that is not named is not known."""


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """What only a serving process knows of itself."""

    public_url: str
    is_demo: bool


class ReadinessProbe:
    """Asks the stores of one process. `line` is None where Redis's address is not known, `drafts` where the keys are
    not."""

    def __init__(
        self,
        db: Database,
        line: Line | None,
        programmes: Mapping[str, Programme],
        alive: Alive,
        serving: Surroundings | None = None,
        drafts: DraftCiphers | None = None,
        forms: Forms | None = None,
    ) -> None:
        self._db, self._line, self._programmes = db, line, programmes
        self._alive, self._serving, self._drafts = alive, serving, drafts
        self._forms = forms or Forms([])
        self._counts: dict[object, tuple[float, ReadyCandidates]] = {}

    async def facts(self, period: Period) -> ReadinessFacts:
        """Everything that can be found out from here for this period."""
        at = now_ms()
        sql_offset = asyncio.ensure_future(in_time(self._sql_offset()))
        migrated = asyncio.ensure_future(in_time(self._is_migrated()))
        redis = asyncio.ensure_future(in_time(self._takes_writes(period)))
        redis_offset = asyncio.ensure_future(in_time(self._redis_offset()))
        durability = asyncio.ensure_future(in_time(self._durability()))
        alive = asyncio.ensure_future(in_time(self._alive(), heartbeat.ALIVE_SECONDS + ANSWER_SECONDS))
        candidates = asyncio.ensure_future(in_time(self.candidates(period), COUNT_SECONDS))
        serving = self._serving
        return ReadinessFacts(
            at=at,
            sql=await sql_offset is not None,
            is_migrated=await migrated,
            redis=None if self._line is None else await redis is True,
            durability=await durability,
            sql_offset_ms=await sql_offset,
            redis_offset_ms=await redis_offset,
            alive=await alive or {},
            programme=self._knows(period),
            public_url=None if serving is None else serving.public_url,
            is_demo=serving is not None and serving.is_demo,
            missing_files=None if serving is None else tuple(assets.missing()),
            free_bytes=await asyncio.to_thread(free_bytes, self._db),
            registration_due=windows.approaching(self._programmes.values(), at).get(period.programme),
            fees_missing_from=fees_due(self._programmes.get(period.programme), at),
            candidates=await candidates,
        )

    async def candidates(self, period: Period) -> ReadyCandidates | None:
        """How many could submit in this period; counted once a minute. None without the rules or the keys."""
        try:
            rules = rules_of(period, self._programmes).draft
        except Unavailable:
            return None
        if (ciphers := self._drafts) is None:
            return None
        key = (period.programme, period.opens_at, period.accounts_created_before)
        known = self._counts.get(key)
        if known is not None and time.monotonic() - known[0] < COUNT_LASTS_SECONDS:
            return known[1]
        counted = await self._db.read(
            lambda conn: readiness.of_period(conn, ciphers, self._forms, period, rules)
        )
        self._counts[key] = (time.monotonic(), counted)
        return counted

    def _knows(self, period: Period) -> bool:
        return is_whole(period) and not differs(period, self._programmes)

    async def _sql_offset(self) -> int:
        async def ask(conn: AsyncConnection) -> int:
            before = now_ms()
            there = float((await conn.execute(_SQL_NOW[conn.dialect.name])).scalar_one())
            return round(there - (before + now_ms()) / 2)

        return await self._db.read(ask)

    async def _is_migrated(self) -> bool:
        return await self._db.read(at_step) == newest_step()

    async def _takes_writes(self, period: Period) -> bool | None:
        if self._line is None:
            return None
        await self._line.writable([period.uid])
        return True

    async def _redis_offset(self) -> int | None:
        if self._line is None:
            return None
        before = now_ms()
        there = await self._line.time()
        return round(there - (before + now_ms()) / 2)

    async def _durability(self) -> Durability | None:
        return None if self._line is None else await self._line.durability()


FEES_ALARM_MONTH = 10
"""From October on operators are told that the next 1 January has no row in the fee table."""


def fees_due(programme: Programme | None, at: int) -> date | None:
    """The next 1 January, where it comes near and the programme has no fees for it. Pure."""
    today = day_of(at)
    return None if programme is None or today.month < FEES_ALARM_MONTH else missing_row(programme, today)


_SQL_NOW = {
    "postgresql": sa.text("select extract(epoch from clock_timestamp()) * 1000"),
    "sqlite": sa.text("select (julianday('now') - 2440587.5) * 86400000.0"),
}
"""The store's own clock as an instant; SQLite's is this host's."""


async def in_time(question: Awaitable[T], seconds: float = ANSWER_SECONDS) -> T | None:
    """The answer, or None where there was none in time. A question that is late goes on by itself: a statement cannot
    be called back."""
    asking = asyncio.ensure_future(question)
    await asyncio.wait({asking}, timeout=seconds)
    if not asking.done():
        asking.add_done_callback(lambda late: late.cancelled() or late.exception())
        return None
    try:
        return asking.result()
    except (Refusal, sa.exc.SQLAlchemyError, OSError):
        return None


def heard_by(pulse: Heartbeat, db: Database) -> Alive:
    """What a serving process knows of the others by its heartbeat; one that has just begun to listen asks SQL."""

    async def alive() -> Mapping[str, bool]:
        seen = {kind: pulse.alive(kind) for kind in KINDS}
        return seen if all(seen.values()) or pulse.has_listened() else await heartbeat.moving(db, KINDS)

    return alive


def free_bytes(db: Database) -> int | None:
    """Room on the disk of this host: where SQLite's file is, otherwise where the process runs."""
    folder = Path(db.url.database or ".").resolve().parent if db.is_sqlite else Path(os.curdir)
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None
