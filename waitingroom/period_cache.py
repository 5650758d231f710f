"""The periods' rows as this process knows them: read at most once a second, and at once after a change made here.

Fails soft: while SQL does not answer, the rows that were read last.
"""

import contextlib
import time

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.batching import Batcher
from foundation.errors import Code, Refusal, Stale, Unavailable
from foundation.sql.database import Database
from quota import store
from quota.states import PUBLIC
from quota.store import Period, period_of
from waitingroom.draw.orders import learn
from waitingroom.line.epochs import Epochs
from waitingroom.line.looks import FRESH_SECONDS
from waitingroom.line.store import Line
from waitingroom.tickets import Tickets


class PeriodCache:
    """Every period that the public may see."""

    def __init__(self, db: Database, line: Line, epochs: Epochs, tickets: Tickets) -> None:
        """`epochs` remember the rows, should they ever come back from a copy. `tickets` learn the drawn orders along
        with the rows, so that a ticket knows its number as soon as a page shows the draw."""
        self._db, self._line, self._epochs, self._tickets = db, line, epochs, tickets
        self._rows: dict[str, Period] = {}
        self._refreshed_at = self._rows_from = -FRESH_SECONDS
        self._refreshing = False
        self._rereads: Batcher[None, None] = Batcher(self._reread_together)

    async def public(self) -> list[Period]:
        """All of them. Raises Unavailable only when none were ever read."""
        if time.monotonic() - self._refreshed_at >= FRESH_SECONDS:
            await self.refresh()
        return list(self._rows.values())

    async def refresh(self) -> None:
        """Read the rows again. Raises Unavailable only when none were ever read.

        One at a time: while SQL takes long, others take what is known and wait for nothing.
        """
        if self._refreshing and self._rows:
            return
        self._refreshing = True
        try:
            await self._read()
        except Unavailable:
            if not self._rows:
                raise
        finally:
            self._refreshing = False
        self._refreshed_at = time.monotonic()

    async def find(self, id: str) -> Period:
        """A period by its name. Raises Refusal not_found."""
        await self.public()
        if id not in self._rows:  # it may have been announced by another process within this second
            with contextlib.suppress(Unavailable):
                await self._rereads(None)
        try:
            return self._rows[id]
        except KeyError:
            raise Refusal(Code.NOT_FOUND) from None

    def fresh(self, id: str, seconds: float = 2 * FRESH_SECONDS) -> Period | None:
        """A period by its name if its row was read within so many seconds; without asking."""
        if time.monotonic() - self._refreshed_at > seconds:
            return None
        return self._rows.get(id)

    def all_fresh(self, seconds: float) -> list[Period] | None:
        """All of them, in the same way."""
        if time.monotonic() - self._refreshed_at > seconds:
            return None
        return list(self._rows.values())

    def latest(self, period: Period) -> Period:
        """This period's row as it was read last."""
        row = self._rows.get(period.id)
        return row if row is not None and row.uid == period.uid else period

    async def changed(self, period: Period) -> None:
        """A change of this row was committed here: this process shows it at once, the others within a second.

        The line is told too, so that no process gives a number on a row that is a second old. Fails soft: a tick
        brings both.
        """
        with contextlib.suppress(Unavailable):
            await self._rereads(None)
        with contextlib.suppress(Unavailable, Stale):  # Stale: it has no line yet, or has just lost it
            await self._line.copy(period)

    async def _read(self) -> None:
        """Replace the rows, unless a read that began later was done first."""
        began = time.monotonic()
        rows = await self._db.read(_public_rows)
        await learn(self._tickets.orders, rows)
        if began >= self._rows_from:
            self._rows_from, self._rows = began, {row.id: row for row in rows}
            for row in rows:
                self._epochs.saw(row)

    async def _reread_together(self, askers: list[None]) -> list[None]:
        await self._read()
        return askers


async def _public_rows(conn: AsyncConnection) -> list[Period]:
    """As they open, one after the other: so they stand on the pages and in the call's answer."""
    p = store.period.c
    rows = await conn.execute(sa.select(store.period).where(p.state.in_(PUBLIC)).order_by(p.opens_at, p.id))
    return [period_of(row) for row in rows]
