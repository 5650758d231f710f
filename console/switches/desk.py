"""What staff do with switches, for the page and the calls: read what was typed, ask for the role, act, look."""

from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum
from typing import Final

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.roles import Role
from casework.switches import plans
from casework.switches.plans import SwitchPlan
from casework.switches.states import MOVES, SwitchMove, SwitchName
from console.record.looks import PageLooks
from console.staff.desk import StaffDesk, StaffMemberHere
from console.typed import typed_instant, wrong_field
from foundation.clock import now_ms
from quota.approvals import is_same
from quota.programmes import Programme

LONGEST_REASON: Final = 500


class SwitchAct(StrEnum):
    """What staff may do with switches."""

    PLAN = "plan"
    """A feature is to turn on at an instant."""
    APPROVE = "approve"
    """Somebody else wants it too."""
    END = "end"
    """It is withdrawn, or turned off, with a reason."""


SEES: Final = (Role.OPERATOR, Role.APPROVER)

MAY: Final = {
    SwitchAct.PLAN: (Role.OPERATOR,),
    SwitchAct.APPROVE: (Role.APPROVER, Role.OPERATOR),
    SwitchAct.END: (Role.OPERATOR,),
}
"""Whose act it is; the second person is never the first (`casework/switches/plans.py`, and the table itself)."""


class TypedSwitch(msgspec.Struct, frozen=True):
    """What was typed to plan a switch, or to end one (its reason alone)."""

    programme: str = ""
    name: str = ""
    on_at: str = ""
    reason: str = ""


class SwitchView(msgspec.Struct, frozen=True, kw_only=True):
    """Every switch, as of the instant `at`."""

    at: int
    plans: list[SwitchPlan]

    def offered(self, one: SwitchPlan, member: StaffMemberHere) -> list[SwitchAct]:
        """What this person may do with this switch now."""
        moves = MOVES[one.state(self.at)]
        allowed = [act for act in (SwitchAct.APPROVE, SwitchAct.END) if set(MAY[act]) & set(member.held)]
        is_own = is_same(one.author, member.username)
        return [
            act for act in allowed if SwitchMove(act) in moves and not (act is SwitchAct.APPROVE and is_own)
        ]


class SwitchDesk:
    """Made once a process."""

    def __init__(self, staff: StaffDesk, programmes: Mapping[str, Programme]) -> None:
        self.staff, self.db, self.programmes = staff, staff.db, programmes
        self.looks = PageLooks(staff.db)

    async def view(self, member: StaffMemberHere) -> SwitchView:
        """All of them; the look is on the record."""
        await self.looks.saw(member.actor, "switches")
        return SwitchView(at=now_ms(), plans=await self.db.read(plans.every))

    async def plan(self, member: StaffMemberHere, typed: TypedSwitch) -> SwitchPlan:
        """Plan one. Refusals not_your_role, invalid, move_not_allowed."""

        async def work(conn: AsyncConnection) -> SwitchPlan:
            programme, name, on_at = self._read(typed)
            reason = " ".join(typed.reason.split())[:LONGEST_REASON] or None
            return await plans.plan(conn, programme, name, on_at, reason, member.actor, now_ms())

        return await self._done(member, SwitchAct.PLAN, work)

    async def approve(self, member: StaffMemberHere, id: int) -> SwitchPlan:
        """The second person. Refusals not_your_role, not_found, second_person_needed, move_not_allowed."""
        return await self._done(
            member, SwitchAct.APPROVE, lambda conn: plans.approve(conn, id, member.actor, now_ms())
        )

    async def end(self, member: StaffMemberHere, id: int, typed: TypedSwitch) -> SwitchPlan:
        """Withdraw it or turn it off. Refusals not_your_role, not_found, invalid, move_not_allowed."""

        async def work(conn: AsyncConnection) -> SwitchPlan:
            reason = " ".join(typed.reason.split())
            if not reason or len(reason) > LONGEST_REASON:
                raise wrong_field("reason", f"Écrivez pourquoi, en {LONGEST_REASON} caractères au plus.")
            return await plans.end(conn, id, reason, member.actor, now_ms())

        return await self._done(member, SwitchAct.END, work)

    def _read(self, typed: TypedSwitch) -> tuple[str, SwitchName, int]:
        if typed.programme not in self.programmes:
            raise wrong_field("programme", "Choisissez un programme.")
        name = next((one for one in SwitchName if one == typed.name), None)
        if name is None:
            raise wrong_field("name", "Choisissez une fonction.")
        return typed.programme, name, typed_instant("on_at", typed.on_at.strip())

    async def _done(
        self,
        member: StaffMemberHere,
        act: SwitchAct,
        work: Callable[[AsyncConnection], Awaitable[SwitchPlan]],
    ) -> SwitchPlan:
        return await self.staff.on_record(member, f"switch {act}", lambda: self.db.write(work), MAY[act])
