"""Settling: whether a file is paid, decided under its lock from the sum of its movements. Card and post both call it.

Read this first: `settle` is the one place where a file becomes paid, or stops being it. Called twice, or by two callers
at once, it has one effect: the file's row is locked before its movements are read, so that nobody sums up while another
one adds.
"""

from datetime import date

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.representatives.procurations import mailroom
from casework.files import events
from casework.files.events import FileHistory
from casework.files.states import FileEventKind, FileStatus
from casework.files.tasks import FileTask
from casework.payments import fees, movements
from casework.payments.movements import Movement
from casework.payments.services import PaymentServices
from casework.payments.states import OPENED
from foundation import outbox
from foundation.audit import SERVICE
from foundation.calendar.days import day_of
from foundation.subjects import Subject
from submission.store import SUBMISSION, submission


class Settlement(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it: where the file stands, what was recorded just now (None: nothing new), the whole fee (None: the
    table has no row for it) and what has been paid, in cents. `is_late`: the fee is here, but came after the last day;
    a person decides, for late money never revives a file by itself."""

    status: FileStatus
    recorded: FileEventKind | None = None
    fee: int | None
    balance: int
    is_late: bool = False


async def settle(conn: AsyncConnection, services: PaymentServices, number: int, now: int) -> Settlement:
    """Settle a file after its movements changed, in the transaction that changed them. Refusal not_found.

    Paid in full and in time: PAID, with its confirmation and the opening of the file staged, and a procuration that
    waited in force. Below the fee after it was paid: PAYMENT_REVERSED. Anything else: nothing.
    """
    of = await events.history(conn, number, lock=True)
    fixed = await fees.fee_of(conn, services, number)
    moved = await movements.of_file(conn, number)
    fee, total = None if fixed is None else fixed.cents, movements.balance(moved)
    completing = None if fee is None else movements.completed_by(moved, fee)
    found = Settlement(status=of.status, fee=fee, balance=total)
    if completing is None:
        return found if of.status not in REVERSIBLE else await _reversed(conn, of, found, now)
    if of.status not in {FileStatus.AWAITING_PAYMENT, FileStatus.REVERSED}:
        return found
    last_day, account = await _last_day(conn, number)
    if is_late(of, moved, completing, last_day):
        return msgspec.structs.replace(found, is_late=True)
    return await _paid(conn, services, of, account, found, completing, now)


REVERSIBLE = OPENED - {FileStatus.DECIDED}
"""Statuses that a payment which goes back undoes; after a decision a person looks at it."""


def is_late(of: FileHistory, moved: list[Movement], completing: Movement, last_day: date) -> bool:
    """Whether the money that completes the fee came after the last day to pay. Money of a charge that was in time once
    and was only disputed in between is not late. Pure."""
    if completing.on_day <= last_day:
        return False
    was_paid = of.newest(FileEventKind.PAID) is not None
    earlier = [one.on_day for one in moved if one.charge is not None and one.charge == completing.charge]
    return not (was_paid and min(earlier, default=completing.on_day) <= last_day)


async def _paid(
    conn: AsyncConnection,
    services: PaymentServices,
    of: FileHistory,
    account: int,
    found: Settlement,
    completing: Movement,
    now: int,
) -> Settlement:
    """Record that the fee is here, and stage what follows: each once a payment, so again after a reversal."""
    serial = 1 + sum(event.kind is FileEventKind.PAID for event in of.events)
    subject = Subject.row(SUBMISSION, of.submission)
    status = await events.record(
        conn, of, FileEventKind.PAID, SERVICE, now, key=str(serial), on_day=completing.on_day,
        cents=found.balance, instrument=completing.instrument,
    )  # fmt: skip
    for task in (FileTask.PAYMENT_CONFIRMATION, FileTask.FILE_OPENING):
        await outbox.stage(conn, task, subject, now, key=f"{task}:{subject}:{serial}")
    await mailroom.released_on_payment(conn, services.representatives, account, now)
    return msgspec.structs.replace(found, status=status, recorded=FileEventKind.PAID)


async def _reversed(conn: AsyncConnection, of: FileHistory, found: Settlement, now: int) -> Settlement:
    serial = sum(event.kind is FileEventKind.PAYMENT_REVERSED for event in of.events) + 1
    kind = FileEventKind.PAYMENT_REVERSED
    status = await events.record(conn, of, kind, SERVICE, now, key=str(serial), cents=found.balance)
    return msgspec.structs.replace(found, status=status, recorded=kind)


async def _last_day(conn: AsyncConnection, number: int) -> tuple[date, int]:
    """The last day to pay a file, and whose it is."""
    row = (
        await conn.execute(
            sa.select(submission.c.pay_by, submission.c.account).where(submission.c.id == number)
        )
    ).one()
    return day_of(row.pay_by), row.account


async def has_paid(conn: AsyncConnection, account: int) -> bool:
    """Whether the fee of an application of this account is paid, and is here still (RP-04)."""
    theirs = await conn.execute(sa.select(submission.c.id).where(submission.c.account == account))
    return any([(await events.history(conn, number)).status in OPENED for number in theirs.scalars().all()])
