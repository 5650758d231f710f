"""Leaving: a number is given up, or a token and its place. It stands in SQL first, and then the line is told.

Fails closed without SQL: nobody is told that they left before it is written. Without Redis it goes through, and a tick
tells the line later.
"""

from typing import TYPE_CHECKING

import structlog

from foundation.batching import Batcher
from foundation.errors import Unavailable
from quota import ledger
from quota.store import Period
from waitingroom.tickets import Ticket

if TYPE_CHECKING:
    from waitingroom.room import Room

log = structlog.get_logger()


class Leaves:
    """What a room does when people leave it."""

    def __init__(self, room: "Room") -> None:
        self._room = room
        self._written: Batcher[tuple[str, int], None] = Batcher(self._write_together)

    async def give_up(self, period: Period, ticket: Ticket) -> None:
        """Give up the number, or the token and its place. A second time changes nothing.

        An entry that is not drawn holds nobody back: nothing is written, whoever forgets its ticket has left. Raises
        Refusal token_used after a submission, and Unavailable.
        """
        if not ticket.number:
            return
        db, uid, number = self._room.db, period.uid, ticket.number
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
        numbers = await self._room.db.read(lambda conn: ledger.unheard(conn, uid))
        if numbers:
            await self._out_of_line(uid, numbers)
            await self._room.db.write(lambda conn: ledger.heard(conn, uid, numbers))

    async def _out_of_line(self, uid: str, numbers: list[int]) -> None:
        line = self._room.line
        await self._room.fenced(uid, lambda epoch: line.gone(uid, epoch, numbers, "leave"))

    async def _write_together(self, leaves: list[tuple[str, int]]) -> list[None]:
        await self._room.db.write(lambda conn: ledger.leave_waiting(conn, leaves))
        self._room.events.count("leaves", len(leaves))
        return [None] * len(leaves)
