"""What staff do with a procuration, for the page and the calls: read what was typed, ask for the role, act, look.

The acts themselves are `accounts/representatives/procurations/mailroom.py`'s, which the mailroom of letters calls too.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.identities import iso_date
from accounts.representatives import powers
from accounts.representatives.declaration import parties
from accounts.representatives.moving import MailedPaper
from accounts.representatives.powers import PowerEvent, Representation
from accounts.representatives.procurations import mailroom
from accounts.representatives.services import RepresentativeServices
from accounts.representatives.states import PowerMove, ReturnReason, moved
from accounts.representatives.store import REPRESENTATIVE
from accounts.roles import Role
from console.record.looks import PageLooks
from console.staff.desk import StaffDesk, StaffMemberHere
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from foundation.subjects import Subject


class ProcurationAct(StrEnum):
    """What staff may do with a procuration."""

    RECEIVE = "receive"
    """It has come by mail: in force if the fee is paid, held otherwise."""
    RETURN = "return"
    """It goes back by mail, with a reason."""
    UNDO = "undo"
    """It was entered by mistake."""
    THAW = "thaw"
    """The register recognises the consultant again."""


MAY: Final = {
    ProcurationAct.RECEIVE: (Role.CLERK, Role.AGENT),
    ProcurationAct.RETURN: (Role.CLERK, Role.AGENT),
    ProcurationAct.UNDO: (Role.CLERK, Role.AGENT),
    ProcurationAct.THAW: (Role.AGENT,),
}
"""Whose act it is: clerks register what comes by post and decide nothing."""

SEES: Final = (Role.CLERK, Role.AGENT)

MOVES: Final = {
    ProcurationAct.RECEIVE: PowerMove.RECEIVE,
    ProcurationAct.RETURN: PowerMove.RETURN,
    ProcurationAct.UNDO: PowerMove.UNDO_RECEIPT,
    ProcurationAct.THAW: PowerMove.THAW,
}
"""The move that an act is, by which it is offered; of a paid file the first is an activation."""


class StaffView(msgspec.Struct, frozen=True):
    """A procuration's file as staff see it, to be compared with the paper."""

    of: Representation
    history: list[PowerEvent]
    candidate: str

    def offered(self, held: tuple[Role, ...]) -> list[ProcurationAct]:
        """The acts that are possible now, to somebody who holds these roles."""
        return [
            act
            for act in ProcurationAct
            if moved(self.of.position, MOVES[act]) is not None and set(MAY[act]) & set(held)
        ]


class TypedProcuration(msgspec.Struct, frozen=True):
    """What staff typed beside the reference; what an act does not ask for is not looked at."""

    received_on: str = ""
    postmarked_on: str = ""
    reason: str = ""


class ProcurationDesk:
    """Made once a process."""

    def __init__(self, staff: StaffDesk, services: RepresentativeServices) -> None:
        self.staff, self.db, self.services = staff, staff.db, services
        self.looks = PageLooks(staff.db)

    async def view(self, member: StaffMemberHere, reference: str) -> StaffView:
        """The file of this reference; that it was looked at is on the record first (P16). Refusal not_found."""

        async def look(conn: AsyncConnection) -> StaffView:
            of = await mailroom.find(conn, self.services, reference)
            candidate = await parties.candidate_of(conn, self.services, of.account)
            return StaffView(of, await powers.history(conn, [of.id]), candidate.identity.full_name)

        found = await self.db.read(look)
        await self.looks.saw(member.actor, "procuration", Subject(REPRESENTATIVE, found.of.id))
        return found

    async def act(
        self, member: StaffMemberHere, act: ProcurationAct, reference: str, typed: TypedProcuration
    ) -> Representation:
        """Do it. Refusals not_your_role, not_found, invalid, move_not_allowed, consultant_not_recognised."""
        by, services = member.actor, self.services

        async def work(conn: AsyncConnection) -> Representation:
            now = now_ms()
            match act:
                case ProcurationAct.RECEIVE:
                    return await mailroom.receive(conn, services, reference, paper_of(typed), by, now)
                case ProcurationAct.RETURN:
                    paper, why = paper_of(typed), reason_of(typed.reason)
                    return await mailroom.give_back(conn, services, reference, paper, why, by, now)
                case ProcurationAct.UNDO:
                    return await mailroom.undo(conn, services, reference, typed.reason, by, now)
                case ProcurationAct.THAW:
                    return await mailroom.thaw(conn, services, reference, typed.reason, by, now)

        return await self.staff.on_record(member, f"procuration {act}", lambda: self.db.write(work), MAY[act])


def paper_of(typed: TypedProcuration) -> MailedPaper:
    """The days that were typed. Refusal invalid."""
    received, postmarked = iso_date(typed.received_on), iso_date(typed.postmarked_on)
    wrong = {}
    if received is None:
        wrong["received_on"] = "Entrez la date de réception, telle que 2026-06-13."
    if typed.postmarked_on.strip() and postmarked is None:
        wrong["postmarked_on"] = "Entrez une date telle que 2026-06-13, ou laissez ce champ vide."
    if wrong or received is None:
        raise _invalid(wrong)
    return MailedPaper(received_on=received, postmarked_on=postmarked)


def reason_of(text: str) -> ReturnReason:
    """Why a procuration goes back. Refusal invalid."""
    found = next((one for one in ReturnReason if one == text), None)
    if found is None:
        raise _invalid({"reason": "Choisissez pourquoi elle est retournée."})
    return found


def _invalid(wrong: Mapping[str, str]) -> Refusal:
    return Refusal(Code.INVALID, fields=[{"name": name, "reason": why} for name, why in wrong.items()])
