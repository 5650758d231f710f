"""Proclaimed days, for the page and the calls: what was entered, what would move, and the acts, each by its role.

The acts themselves are `casework/deadlines/proclaiming.py`'s.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from enum import StrEnum
from typing import Final, TypeVar

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.roles import Role
from casework.deadlines import moving, proclaiming
from casework.deadlines.moving import MovingDeadline
from casework.deadlines.proclaiming import Proclamation
from casework.deadlines.services import DeadlineServices
from casework.deadlines.states import DeadlineKind
from console.record.looks import PageLooks
from console.staff.desk import StaffDesk, StaffMemberHere
from foundation.calendar.closures import ProclaimedDay
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from publicsite.calculator.typed import day_in

T = TypeVar("T")


class DayAct(StrEnum):
    """What staff may do with a day."""

    ENTER = "enter"
    """Say that it is a holiday: the first person."""
    CONFIRM = "confirm"
    """Say so too: the second person. Deadlines move."""
    DROP = "drop"
    """Take back what nobody has confirmed."""


MAY: Final = {
    DayAct.ENTER: (Role.OPERATOR,),
    DayAct.CONFIRM: (Role.APPROVER, Role.OPERATOR),
    DayAct.DROP: (Role.OPERATOR, Role.APPROVER),
}
"""Whose act it is."""

SEES: Final = (Role.OPERATOR, Role.APPROVER)


class ProclamationPreview(msgspec.Struct, frozen=True):
    """What a day would move: every open deadline, by file, and how many of each kind."""

    proclaimed: ProclaimedDay
    moves: Sequence[MovingDeadline]

    @property
    def counted(self) -> dict[DeadlineKind, int]:
        found = Counter(one.one.kind for one in self.moves)
        return {kind: found[kind] for kind in DeadlineKind if found[kind]}


class ProclaimedDayDesk:
    """Made once a process."""

    def __init__(self, staff: StaffDesk, services: DeadlineServices) -> None:
        self.staff, self.db, self.services = staff, staff.db, services
        self.looks = PageLooks(staff.db)

    async def every(self, member: StaffMemberHere) -> list[Proclamation]:
        """Every day that was entered; a look on the record."""
        await self.looks.saw(member.actor, "proclaimed_days")
        return await self.db.read(proclaiming.every)

    async def entered(self, day: str) -> Proclamation:
        """What was entered for a day. Refusal not_found."""
        parsed = day_in(day)
        found = None
        if isinstance(parsed, date):
            found = await self.db.read(lambda conn: proclaiming.find(conn, parsed))
        if found is None:
            raise Refusal(Code.NOT_FOUND)
        return found

    async def preview(self, day: str, name: str) -> ProclamationPreview:
        """What a day would move, before anybody enters it. Refusal invalid."""
        parsed = typed_day(day)

        async def look(conn: AsyncConnection) -> ProclamationPreview:
            return await self._previewed(conn, await proclaiming.typed(conn, parsed, name, now_ms()))

        return await self.db.read(look)

    async def preview_of(self, one: Proclamation) -> ProclamationPreview:
        """What is still to move by a day that was entered."""
        return await self.db.read(lambda conn: self._previewed(conn, one.proclaimed))

    async def _previewed(self, conn: AsyncConnection, proclaimed: ProclaimedDay) -> ProclamationPreview:
        return ProclamationPreview(proclaimed, await moving.preview(conn, self.services, proclaimed))

    async def enter(self, member: StaffMemberHere, day: str, name: str) -> Proclamation:
        """The first person. Refusals not_your_role, invalid."""
        by = member.actor

        async def work(conn: AsyncConnection) -> Proclamation:
            return await proclaiming.enter(conn, typed_day(day), name, by, now_ms())

        return await self._done(member, DayAct.ENTER, work)

    async def confirm(self, member: StaffMemberHere, day: str, asked_at: int) -> Proclamation:
        """The second person. Refusals not_your_role, not_found, second_person_needed, invalid."""
        by = member.actor

        async def work(conn: AsyncConnection) -> Proclamation:
            return await proclaiming.confirm(conn, typed_day(day), asked_at, by, now_ms())

        return await self._done(member, DayAct.CONFIRM, work)

    async def drop(self, member: StaffMemberHere, day: str) -> None:
        """Either of them. Refusals not_your_role, not_found, move_not_allowed."""
        by = member.actor

        async def work(conn: AsyncConnection) -> None:
            await proclaiming.drop(conn, typed_day(day), by, now_ms())

        await self._done(member, DayAct.DROP, work)

    async def _done(
        self, member: StaffMemberHere, act: DayAct, work: Callable[[AsyncConnection], Awaitable[T]]
    ) -> T:
        call = f"proclaimed day {act}"
        return await self.staff.on_record(member, call, lambda: self.db.write(work), MAY[act])


def typed_day(text: str) -> date:
    """The day that was typed. Refusal invalid."""
    found = day_in(text)
    if isinstance(found, str):
        raise Refusal(Code.INVALID, fields=[{"name": "day", "reason": found}])
    return found
