"""What agents do with amendments, for the page and the calls: looks and refusals on the record."""

from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.roles import Role
from accounts.store import ACCOUNT
from casework.amendments import reading, reviewing
from casework.amendments.reading import AmendableFile, FileAmendment
from casework.amendments.services import AmendmentServices
from casework.amendments.states import TITLES, AmendmentAct
from casework.amendments.store import amendment, amendment_review
from casework.files.numbers import file_number, typed_submission
from casework.mailbox.services import MailboxServices
from casework.payments.store import supplement
from console.amendments.side_by_side import AmendedRow, rows_of
from console.record.looks import PageLooks
from console.staff.desk import StaffDesk, StaffMemberHere
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from foundation.subjects import Subject
from submission.forms.model import AmendmentKind

SEES: Final = (Role.AGENT,)

MOST_SHOWN: Final = 100
"""Amendments that the queue shows; the rest when those are done."""

a, r, x = amendment.c, amendment_review.c, supplement.c


class QueuedAmendment(msgspec.Struct, frozen=True, kw_only=True):
    """One that no agent has done anything with: its file by number alone. `at` is an instant."""

    number: str
    serial: int
    kind: AmendmentKind
    at: int
    is_late: bool

    @property
    def title(self) -> str:
        return TITLES[self.kind]


class AmendedFileView(msgspec.Struct, frozen=True, kw_only=True):
    """A file with its amendments, and what reads differently from what was signed."""

    file: AmendableFile
    rows: list[AmendedRow]


class AmendmentDesk:
    """Made once a process."""

    def __init__(self, staff: StaffDesk, services: AmendmentServices, mailbox: MailboxServices) -> None:
        self.staff, self.db, self.services, self.mailbox = staff, staff.db, services, mailbox
        self.looks = PageLooks(staff.db)

    async def queue(self, member: StaffMemberHere) -> list[QueuedAmendment]:
        """Those that wait, the oldest first; a look, on the record."""
        await self.looks.saw(member.actor, "amendments")
        return await self.db.read(waiting)

    async def view(self, member: StaffMemberHere, number: str) -> AmendedFileView:
        """One file; that it was looked at is on the record first (P16). Refusal not_found."""
        submission = submission_of(number)
        file = await self.db.read(lambda conn: reading.look(conn, self.services, submission, now_ms()))
        await self.looks.saw(member.actor, "amended_file", Subject.row(ACCOUNT, file.sheet.account))
        return AmendedFileView(file=file, rows=rows_of(file))

    async def act(
        self, member: StaffMemberHere, number: str, serial: int, act: AmendmentAct, question: str
    ) -> FileAmendment:
        """Take one into account, or ask. Refusals not_found, invalid, move_not_allowed."""
        submission, by = submission_of(number), member.actor

        async def work(conn: AsyncConnection) -> FileAmendment:
            return await reviewing.review(
                conn, self.services, self.mailbox, submission, serial, act, question, by, now_ms()
            )

        return await self.staff.on_record(member, f"amendment {act}", lambda: self.db.write(work))


async def waiting(conn: AsyncConnection) -> list[QueuedAmendment]:
    """The amendments that count and that no agent has done anything with, the oldest first."""
    untouched = ~sa.exists().where(r.amendment == a.id)
    unpaid = ~sa.exists().where(x.submission == a.submission, x.serial == a.serial, x.paid_at.is_(None))
    columns = (a.submission, a.serial, a.kind, a.at, a.told_on, a.last_day)
    rows = await conn.execute(sa.select(*columns).where(untouched, unpaid).order_by(a.id).limit(MOST_SHOWN))
    return [
        QueuedAmendment(
            number=file_number(row.submission), serial=row.serial, kind=AmendmentKind(row.kind), at=row.at,
            is_late=row.told_on > row.last_day,
        )
        for row in rows
    ]  # fmt: skip


def submission_of(number: str) -> int:
    """The submission of a file number. Refusal not_found."""
    found = typed_submission(number)
    if found is None:
        raise Refusal(Code.NOT_FOUND)
    return found
