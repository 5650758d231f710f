"""What staff see of payments by card, and giving money back."""

import re
import secrets
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.roles import Role
from casework.files import events
from casework.files.numbers import file_number, typed_submission
from casework.files.states import FileStatus
from casework.payments import movements, two_people
from casework.payments.card import charges, refunds
from casework.payments.card.charges import Charge
from casework.payments.card.reconciliation import daily
from casework.payments.card.reconciliation.daily import CardDay
from casework.payments.card.states import RefundState
from casework.payments.card.store import card_refund, charge
from casework.payments.movements import Movement
from casework.payments.services import PaymentServices
from console.record.looks import PageLooks
from console.staff.desk import StaffDesk, StaffMemberHere
from foundation.audit import Actor
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from foundation.money import typed_amount
from foundation.subjects import Subject
from quota import approvals
from quota.store import approval
from submission.store import SUBMISSION

SEES: Final = (Role.AGENT, Role.AUDITOR)

GIVES_BACK: Final = (Role.AGENT,)
"""Whose act a refund is; whoever checks the books moves no money."""


ACT: Final = "card_refund"
"""What two people want, with the sum behind it (`act_of`)."""

KEY: Final = re.compile(r"[0-9a-f]{24}")
"""Of a form as it was shown: pressed twice, it is one refund."""

OTHER_AMOUNT: Final = "Ce formulaire a déjà servi à un autre montant : rouvrez la page du dossier."


class AskedRefund(msgspec.Struct, frozen=True, kw_only=True):
    """A refund that was asked for, in cents; `refused_for` is the provider's word for its no."""

    cents: int
    state: RefundState
    actor: str
    reason: str
    asked_at: int
    refused_for: str | None


class WaitingRefund(msgspec.Struct, frozen=True):
    """A sum in cents that one person has asked for, and that waits for another one."""

    cents: int
    author: str
    reason: str
    asked_at: int


class CardFile(msgspec.Struct, frozen=True, kw_only=True):
    """The card payments of a file: attempts, everything that moved, refunds that were asked for, what can go back, in
    cents, and sums that wait for a second person."""

    submission: int
    status: FileStatus
    tried: list[Charge]
    moved: list[Movement]
    asked: list[AskedRefund]
    left: int
    waiting: list[WaitingRefund]

    @property
    def number(self) -> str:
        return file_number(self.submission)


class TypedRefund(msgspec.Struct, frozen=True):
    """What staff typed: the amount, the reason, and the form's own key, which makes two clicks one refund."""

    amount: str = ""
    reason: str = ""
    key: str = ""


class CardDesk:
    """Made once a process."""

    def __init__(self, staff: StaffDesk, services: PaymentServices) -> None:
        self.staff, self.db, self.services = staff, staff.db, services
        self.looks = PageLooks(staff.db)

    async def days(self) -> list[CardDay]:
        """The days that were compared, the newest first."""
        return await self.db.read(daily.compared_days)

    async def file(self, member: StaffMemberHere, number: str) -> CardFile:
        """The payments of a file; that they were looked at is on the record first (P16). Refusal not_found."""
        submission = typed_submission(number)
        if submission is None:
            raise Refusal(Code.NOT_FOUND)
        found = await self.db.read(lambda conn: read_file(conn, submission))
        await self.looks.saw(member.actor, "paiements", Subject.row(SUBMISSION, submission))
        return found

    async def give_back(self, member: StaffMemberHere, number: str, typed: TypedRefund) -> bool:
        """Have money go back to the card; False where it waits for a second person. Refusals not_your_role, not_found,
        invalid, second_person_needed."""
        return await self.staff.on_record(
            member, "card refund", lambda: self._given_back(member, number, typed), GIVES_BACK
        )

    async def _given_back(self, member: StaffMemberHere, number: str, typed: TypedRefund) -> bool:
        submission, cents = typed_submission(number), typed_amount(typed.amount)
        if submission is None:
            raise Refusal(Code.NOT_FOUND)
        wrong = {}
        if not cents:
            wrong["amount"] = "Entrez un montant tel que 812,00."
        if not 0 < len(typed.reason.strip()) <= refunds.LONGEST_REASON:
            wrong["reason"] = f"Dites pourquoi, en {refunds.LONGEST_REASON} caractères au plus."
        if wrong or not cents:
            raise Refusal(Code.INVALID, fields=[{"name": name, "reason": why} for name, why in wrong.items()])
        form = typed.key if KEY.fullmatch(typed.key) else secrets.token_hex(12)
        key = f"{refunds.BY_ONE}{submission}:{form}"

        by, reason = member.actor, typed.reason.strip()

        async def work(conn: AsyncConnection) -> bool:
            return await give_back(conn, self.services, submission, cents, by, reason, now_ms(), key=key)

        return await self.db.write(work)


async def give_back(
    conn: AsyncConnection,
    services: PaymentServices,
    submission: int,
    cents: int,
    by: Actor,
    reason: str,
    now: int,
    *,
    key: str,
) -> bool:
    """Have so much go back, under the file's lock; False where a second person has to want the same first. Refusals
    not_found, invalid, second_person_needed."""
    await events.history(conn, submission, lock=True)
    if (before := await refunds.cents_asked(conn, key)) > 0:
        if before != cents:  # a page that was gone back to: it would be told of as given back, and is not
            raise Refusal(Code.INVALID, fields=[{"name": "amount", "reason": OTHER_AMOUNT}])
        return True
    alone = await refunds.given_by_one(conn, submission)
    if await two_people.takes_two(conn, services, submission, alone + cents):
        await refunds.require_left(conn, submission, cents)
        subject = Subject.row(SUBMISSION, submission)
        asked = await two_people.agreed(conn, subject, act_of(cents), cents, reason, by, now)
        if asked is None:
            return False
        key, reason = f"{refunds.BY_TWO}{submission}:{asked.id}", asked.reason or reason
    await refunds.give_back(conn, submission, cents, by, reason, now, key=key)
    return True


def act_of(cents: int) -> str:
    """What two people want of a file: this much, and no other sum."""
    return f"{ACT}:{cents}"


async def asked_by_one(conn: AsyncConnection, submission: int, now: int) -> list[WaitingRefund]:
    """The sums that wait for a second person, the oldest first."""
    a = approval.c
    here = (a.subject_kind == SUBMISSION, a.subject_id == str(submission), a.approver.is_(None))
    which = (a.act.startswith(f"{ACT}:", autoescape=True), a.asked_at > now - approvals.WAITS_MS)
    rows = await conn.execute(
        sa.select(a.act, a.author, a.reason, a.asked_at).where(*here, *which).order_by(a.id)
    )
    return [
        WaitingRefund(int(row.act.rpartition(":")[2]), row.author, row.reason or "", row.asked_at)
        for row in rows
    ]


async def read_file(conn: AsyncConnection, submission: int) -> CardFile:
    """The payments of a file. Refusal not_found."""
    of = await events.history(conn, submission)
    tried = await charges.of_file(conn, submission)
    r = card_refund.c
    rows = await conn.execute(
        sa.select(r.cents, r.state, r.actor, r.reason, r.asked_at, r.refused_for)
        .join(charge, charge.c.id == r.charge)
        .where(charge.c.submission == submission)
        .order_by(r.id)
    )
    return CardFile(
        submission=submission,
        status=of.status,
        tried=tried,
        moved=[one for one in await movements.of_file(conn, submission) if one.charge is not None],
        asked=[AskedRefund(**row._mapping) for row in rows],
        left=sum([await refunds.left_on(conn, one) for one in tried]),
        waiting=await asked_by_one(conn, submission, now_ms()),
    )
