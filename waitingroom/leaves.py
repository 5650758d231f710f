"""Leaving: a number is given up, or a token and its place. It stands in SQL first, and then the line is told.

Fails closed without SQL: nobody is told that they left before it is written. Without Redis it goes through, and a tick
tells the line later.
"""

import structlog

from foundation.batching import Batcher
from foundation.errors import Unavailable
from foundation.events import Events
from foundation.sql.database import Database
from quota import ledger
from quota.store import Period
from waitingroom.line.epochs import Epochs
from waitingroom.line.states import GoneKind
from waitingroom.line.store import Line
from waitingroom.tickets import Ticket

log = structlog.get_logger()


class Leaves:
    """Leaves of this process; those that come together are written together (group commit)."""

    def __init__(self, db: Database, line: Line, epochs: Epochs, events: Events) -> None:
        self._db, self._line, self._epochs, self._events = db, line, epochs, events
        self._written: Batcher[tuple[str, int], None] = Batcher(self._write_together)

    async def give_up(self, period: Period, ticket: Ticket) -> None:
        """Give up the number, or the token and its place. A second time changes nothing.

        An entry that is not drawn holds nobody back: nothing is written, and forgetting its ticket is leaving. Raises
        Refusal token_used after a submission, and Unavailable.
        """
        if not ticket.number:
            return
        db, uid, number = self._db, period.uid, ticket.number
        token = await db.read(lambda conn: ledger.find(conn, uid, number))
        waited = token is None
        if waited:
            await self._written((uid, number))
            token = await db.read(lambda conn: ledger.find(conn, uid, number))
        # Called before, or in this very moment: a token is given back.
        if token is None or token.call is not None:
            await db.write(lambda conn: ledger.leave_called(conn, uid, number))
        elif waited:
            try:
                await self._out_of_line(uid, [number])
            except Unavailable:
                log.warning("leave_not_copied", period=period.id)  # a tick tells it

    async def tell(self, uid: str) -> None:
        """Tell the line of this period who left since the last time. Raises Unavailable: they are told again.

        Most of them it knows. The others left while it was away, or by a process that died before it said so: until it
        hears of them a call would find the row and clear the number, but a join would be given it back.
        """
        numbers = await self._db.read(lambda conn: ledger.unheard(conn, uid))
        if numbers:
            await self._out_of_line(uid, numbers)
            await self._db.write(lambda conn: ledger.heard(conn, uid, numbers))

    async def _out_of_line(self, uid: str, numbers: list[int]) -> None:
        await self._epochs.fenced(uid, lambda epoch: self._line.gone(uid, epoch, numbers, GoneKind.LEAVE))

    async def _write_together(self, leaves: list[tuple[str, int]]) -> list[None]:
        await self._db.write(lambda conn: ledger.leave_waiting(conn, leaves))
        self._events.count("leaves", len(leaves))
        return [None] * len(leaves)
