"""« Argent à décider »: what agents see of money that no rule places, and decide of it, for the page.

The acts themselves are `casework/payments/deciding.py`'s.
"""

from collections.abc import Sequence
from functools import partial

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.identities import iso_date
from accounts.roles import Role
from casework.files import events
from casework.files.numbers import file_number
from casework.files.states import FileStatus
from casework.payments import cases, cheques, deciding, settling
from casework.payments.cases import MoneyCase
from casework.payments.cheques import RefundCheque
from casework.payments.deciding import DecidedMoney
from casework.payments.services import PaymentServices
from casework.payments.states import MoneyAct, acts_of
from casework.payments.supplements import due
from casework.payments.unpaid import more_days, reminders
from console.record.looks import PageLooks
from console.staff.desk import StaffDesk, StaffMemberHere
from foundation.calendar.days import day_of
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from foundation.subjects import Subject
from quota.approvals import Approval
from submission.store import SUBMISSION

DECIDES = (Role.AGENT,)
"""Clerks register what comes by post and decide nothing."""


class WaitingMoney(msgspec.Struct, frozen=True, kw_only=True):
    """Money that waits, with what an agent decides it by: the file's number and status, its fee and balance in cents,
    its last day to pay; each act with what it triggers; and what waits for a second person."""

    case: MoneyCase
    number: str
    status: FileStatus
    fee: int | None
    balance: int
    pay_by: str
    acts: Sequence[tuple[MoneyAct, Sequence[str]]]
    proposed: Sequence[Approval] = ()


class MoneyDesk:
    """Made once a process."""

    def __init__(self, staff: StaffDesk, services: PaymentServices) -> None:
        self.staff, self.db, self.services = staff, staff.db, services
        self.looks = PageLooks(staff.db)

    async def waiting(self, member: StaffMemberHere) -> list[WaitingMoney]:
        """Everything that waits, the oldest first; that each was looked at is on the record (P16)."""

        async def look(conn: AsyncConnection) -> list[WaitingMoney]:
            return [await self._shown(conn, case) for case in await cases.waiting(conn)]

        found = await self.db.read(look)
        for one in found:
            await self.looks.saw(member.actor, "money", Subject.row(SUBMISSION, one.case.submission))
        return found

    async def _shown(self, conn: AsyncConnection, case: MoneyCase) -> WaitingMoney:
        of = await events.history(conn, case.submission)
        dues = await due.dues_of(conn, self.services, of)
        fee, balance, awaited = dues.asked, dues.balance, dues.awaited
        supplement = 0 if awaited is None else awaited.cents
        last = await settling.last_day(conn, case.submission) if awaited is None else awaited.last_day
        alone = (await reminders.rules_of(conn, self.services, case.submission)).refund_alone
        acts = acts_of(case.reason, of.status, supplement=dues.can_be_paid)
        days = (
            await more_days.look(conn, self.services, case.submission, now_ms())
            if MoneyAct.MORE_DAYS in acts
            else None
        )
        means = partial(
            deciding.consequences, case, alone=alone, supplement=supplement, status=of.status,
            until=None if days is None else days.until, restores=days is not None and days.restored,
        )  # fmt: skip
        return WaitingMoney(
            case=case,
            number=file_number(case.submission),
            status=of.status,
            fee=fee,
            balance=balance,
            pay_by=last.isoformat(),
            acts=[(act, means(act, fee, dues.stays)) for act in acts],
            proposed=await deciding.proposed(conn, case, now_ms()),
        )

    async def owed(self) -> list[RefundCheque]:
        """Cheques that are still to be issued."""
        return await self.db.read(cheques.owed)

    async def issue(self, member: StaffMemberHere, case: int, number: str, issued_on: str) -> RefundCheque:
        """Enter a cheque that goes out. Refusals as `cheques.issue`; each is on the record."""
        by = member.actor

        async def work() -> RefundCheque:
            typed = cheques.read(number, iso_date(issued_on), day_of(now_ms()))
            return await self.db.write(
                lambda conn: cheques.issue(conn, self.services, case, typed, by, now_ms())
            )

        return await self.staff.on_record(member, "money cheque", work)

    async def decide(self, member: StaffMemberHere, id: int, act: MoneyAct, why: str) -> DecidedMoney:
        """Decide. Refusals as `deciding.decide`; each is on the record."""
        by = member.actor

        async def work(conn: AsyncConnection) -> DecidedMoney:
            return await deciding.decide(conn, self.services, id, act, why, by, now_ms())

        return await self.staff.on_record(member, f"money {act}", lambda: self.db.write(work))


def act_of(text: str) -> MoneyAct:
    """The act that was chosen. Refusal invalid."""
    found = next((one for one in MoneyAct if one == text), None)
    if found is None:
        fields = [{"name": "act", "reason": "Choisissez ce qui est décidé."}]
        raise Refusal(Code.INVALID, fields=fields)
    return found
