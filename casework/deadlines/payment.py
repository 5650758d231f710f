"""The deadline of the payment (PY-01): open while that is awaited; its last day stands in the submission's row."""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.deadlines.open_deadlines import AfterMove, DatedFile, DeadlineSource, OpenDeadline
from casework.deadlines.states import DeadlineKind
from casework.files.states import FileStatus
from foundation.calendar.closures import Closures
from foundation.calendar.days import day_of, end_of_day
from foundation.calendar.spans import calendar_days
from submission.pay_by import payment_deadline
from submission.store import submission


def payment(of: DatedFile, closures: Closures) -> Iterable[OpenDeadline]:
    """The deadline, while the payment is awaited; none where no fees are asked for (PY-10). Pure."""
    if of.status is FileStatus.AWAITING_PAYMENT and of.pay_days != 0:
        yield payment_of(of, closures)


def payment_of(of: DatedFile, closures: Closures) -> OpenDeadline:
    """The deadline as it was or is, whatever the file's status. Pure."""
    told = day_of(of.pay_by)
    if (
        of.pay_days is None
    ):  # no rules are known any more: what was told is where it ends, and nothing is added to it
        found = calendar_days(told, 0, closures)
    else:
        found = payment_deadline(of.submitted_at, of.pay_days, closures)
    return OpenDeadline(kind=DeadlineKind.PAYMENT, found=found, told=told)


async def moved(conn: AsyncConnection, of: DatedFile, one: OpenDeadline, _now: int) -> None:
    """Write the new last day where every page, letter and reminder reads it. It only ever goes up."""
    s, last = submission.c, end_of_day(one.last_day)
    later = sa.update(submission).where(s.id == of.submission, s.pay_by < last).values(pay_by=last)
    await conn.execute(later)


PAYMENT = DeadlineSource(find=payment, moved=moved)


def payment_source(then: AfterMove) -> DeadlineSource:
    """The same, with what else follows from a move, such as reminders for the new day."""

    async def moved_then(conn: AsyncConnection, of: DatedFile, one: OpenDeadline, now: int) -> None:
        await moved(conn, of, one, now)
        await then(conn, of, one, now)

    return DeadlineSource(find=payment, moved=moved_then)
