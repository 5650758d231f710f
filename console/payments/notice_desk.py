"""Files that wait to be deleted because nobody was told to pay, and the notice that was posted instead: recorded by one
agent, confirmed by another of the staff."""

from collections.abc import Collection
from datetime import date
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.roles import STAFF, Role
from casework.files.numbers import file_number, typed_submission
from casework.files.states import FileEventKind
from casework.files.store import file_event
from casework.payments import settling
from casework.payments.services import PaymentServices
from casework.payments.unpaid import clock, ending, posted_notice
from casework.payments.unpaid.clock import UnpaidStep
from casework.payments.unpaid.posted_notice import PostedNotice, WaitingNotice
from console.record.looks import PageLooks
from console.staff.desk import StaffDesk, StaffMemberHere
from foundation.calendar.days import DAY_MS, day_of
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from submission.states import SubmissionStatus
from submission.store import submission

SEES: Final = (Role.AGENT, Role.APPROVER)

RECORDS: Final = (Role.AGENT,)

MOST_LISTED: Final = 60
"""Files that are looked at for the list, the oldest last days first."""

MOST_READ: Final = 300
"""Files that are read for it."""

MOVED_ON: Final = (
    FileEventKind.PAID,
    FileEventKind.OPENED,
    FileEventKind.UNPAID_DELETED,
    FileEventKind.RETURNED_DELETED,
    FileEventKind.WITHDRAWN,
)
"""What happened to files whose payment is no longer awaited."""


class UntoldFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that nobody was told to pay: its number, its last day to pay, and the notice that waits or stands."""

    number: str
    pay_by: date
    waiting: WaitingNotice | None
    standing: PostedNotice | None


class NoticeDesk:
    """Made once a process."""

    def __init__(self, staff: StaffDesk, services: PaymentServices) -> None:
        self.staff, self.db, self.services = staff, staff.db, services
        self.looks = PageLooks(staff.db)

    async def untold(self, member: StaffMemberHere) -> list[UntoldFile]:
        """Those whose wait is over; that the list was looked at is on the record (P16)."""
        await self.looks.saw(member.actor, "unpaid_notices")
        return await self.db.read(lambda conn: untold(conn, self.services, now_ms()))

    async def record(self, member: StaffMemberHere, number: str, notice: PostedNotice) -> None:
        """The first person. Refusals not_your_role, not_found, move_not_allowed, already_decided."""
        await self._done(member, number, "record", notice, RECORDS)

    async def confirm(self, member: StaffMemberHere, number: str) -> None:
        """The second person. Refusals not_found, second_person_needed, move_not_allowed."""
        await self._done(member, number, "confirm", None, STAFF)

    async def _done(
        self,
        member: StaffMemberHere,
        number: str,
        act: str,
        notice: PostedNotice | None,
        wanted: Collection[Role],
    ) -> None:
        submission_id, by = typed_submission(number), member.actor
        if submission_id is None:
            raise Refusal(Code.NOT_FOUND)

        async def work(conn: AsyncConnection) -> None:
            if notice is None:
                await posted_notice.confirm(conn, submission_id, by, now_ms())
            else:
                await posted_notice.record(conn, submission_id, notice, by, now_ms())

        await self.staff.on_record(member, f"unpaid notice {act}", lambda: self.db.write(work), wanted)


async def untold(conn: AsyncConnection, services: PaymentServices, now: int) -> list[UntoldFile]:
    """The files of which nothing stands against the deletion but that nobody was told, or that wait for the days of a
    posted notice."""
    s, e, found = submission.c, file_event.c, list[UntoldFile]()
    moved_on = sa.select(e.id).where(e.submission == s.id, e.kind.in_(MOVED_ON)).exists()
    over = (s.status == SubmissionStatus.SUBMITTED, s.pay_by < now - DAY_MS, ~moved_on)
    rows = await conn.execute(sa.select(s.id).where(*over).order_by(s.pay_by, s.id).limit(MOST_READ))
    for number in rows.scalars().all():
        step = clock.next_step(await ending.read(conn, services, number), day_of(now))
        if step is UnpaidStep.UNTOLD:
            found.append(
                UntoldFile(
                    number=file_number(number),
                    pay_by=await settling.last_day(conn, number),
                    waiting=await posted_notice.waiting(conn, number, now),
                    standing=await posted_notice.standing(conn, number),
                )
            )
        if len(found) == MOST_LISTED:
            break
    return found
