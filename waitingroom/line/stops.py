"""Stops of the kill switch that SQL has not recorded yet (ADR 0023).

Whoever stops a period while SQL is away leaves a mark in the line. Every process obeys it: web processes take no
submission, tickers call nobody; and the first ticker that reaches SQL records it there, where it holds for good. A mark
says who stopped by a digest of their name: names are in SQL only (P11).
"""

import asyncio
import contextlib
import hashlib
import secrets

import msgspec
import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import roles
from accounts.identities import known_as
from accounts.roles import HolderKind, Role
from accounts.store import operator
from foundation import audit
from foundation.audit import Actor
from foundation.clock import now_ms
from foundation.errors import Code, Refusal, Unavailable
from foundation.sql.database import Database
from quota import ledger
from quota.moves import operating
from quota.store import Period
from waitingroom.line.store import Line

log = structlog.get_logger()

LOOK_SECONDS = 0.4
"""How often a web process reads the marks: one made elsewhere is obeyed here within this and Redis's own answer."""


class StopMark(msgspec.Struct, frozen=True, kw_only=True):
    """One stop: its random name, the period's public one, the instant, and who, by digest (`digest_of`) and role."""

    key: str
    period: str
    at: int
    by: str
    role: str


def new_mark(period_id: str, by: str, role: str, at: int) -> StopMark:
    """A stop that is made now."""
    return StopMark(key=secrets.token_hex(8), period=period_id, at=at, by=by, role=role)


def digest_of(username: str) -> str:
    """How a mark names an operator."""
    return hashlib.sha256(f"stop {known_as(username)}".encode()).hexdigest()


class StopMarks:
    """The marks as this process knows them. While Redis is away, those it read last."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._standing: dict[str, StopMark] = {}

    def stands(self, period_id: str) -> bool:
        """Whether a period of this name is stopped by a mark; without asking."""
        return any(mark.period == period_id for mark in self._standing.values())

    async def stands_now(self, period_id: str) -> bool:
        """The same, asked now. Raises Unavailable."""
        await self.refresh()
        return self.stands(period_id)

    async def refresh(self) -> list[StopMark]:
        """Read them. One that cannot be read is nobody's of ours and is passed over. Raises Unavailable."""
        found = {}
        for key, text in (await self._line.stops()).items():
            with contextlib.suppress(msgspec.MsgspecError):
                found[key] = msgspec.json.decode(text, type=StopMark)
        self._standing = found
        return list(found.values())

    async def write(self, mark: StopMark) -> None:
        """Leave a mark, which this process obeys as soon as Redis has it. Raises Unavailable."""
        await self._line.write_stop(mark.key, msgspec.json.encode(mark))
        self._standing = {**self._standing, mark.key: mark}

    async def erase(self, mark: StopMark) -> None:
        """Take a mark away once SQL has recorded it. Raises Unavailable."""
        self._standing = {key: other for key, other in self._standing.items() if key != mark.key}
        await self._line.erase_stops(mark.key)

    async def run(self) -> None:
        """Read the marks again and again. Fails soft: without Redis the last ones stand."""
        while True:
            with contextlib.suppress(Unavailable):
                await self.refresh()
            await asyncio.sleep(LOOK_SECONDS)


async def record(
    conn: AsyncConnection, mark: StopMark, now: int, reason: str | None = None, *, is_late: bool = False
) -> Period:
    """Stop the period in SQL, where the stop holds for good. A second time it does nothing.

    Refusals not_found; not_allowed where the mark names nobody who is an operator now, but for a mark that comes late:
    its stop was obeyed already, and stays so.
    """
    period = await ledger.period_by_id(conn, mark.period)
    name = await _operator(conn, mark.by, now)
    if name is None and not is_late:
        raise Refusal(Code.NOT_ALLOWED)
    actor = Actor(audit.UNKNOWN if name is None else name, mark.role)
    return await operating.stop(conn, period.uid, actor, now, mark.key, reason)


async def carry_over(db: Database, marks: StopMarks) -> None:
    """Record in SQL what was stopped while SQL was away: the ticker's. Raises Unavailable.

    A mark is erased only once it is recorded, so one that cannot be is obeyed for as long.
    """
    for mark in await marks.refresh():
        try:
            await db.write(lambda conn, mark=mark: record(conn, mark, now_ms(), is_late=True))  # type: ignore[misc]
        except Unavailable:
            raise
        except Refusal as refusal:  # a period that is not there any more
            log.warning("stop_dropped", code=refusal.code)
        except Exception:
            log.exception("stop_not_carried_over", period=mark.period)
            continue
        else:
            log.warning("stop_carried_over", period=mark.period, ms=now_ms() - mark.at)
        await marks.erase(mark)


async def _operator(conn: AsyncConnection, by: str, now: int) -> str | None:
    """The operator whom a mark names; None where there is none, or their role has ended."""
    for row in await conn.execute(sa.select(operator.c.id, operator.c.username)):
        if digest_of(row.username) == by:
            grants = await roles.grants_of(conn, HolderKind.OPERATOR, row.id)
            return str(row.username) if roles.holds(grants, Role.OPERATOR, now) else None
    return None
