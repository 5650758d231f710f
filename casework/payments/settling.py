"""Settling: whether a file is paid, decided under its lock from the sum of its movements. Card and post both call it.

Read this first: `settle` is the one place where a file becomes paid, or stops being it. Called twice, or by two callers
at once, it has one effect: the file's row is locked before its movements are read, so that nobody sums up while another
one adds.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.representatives.procurations import mailroom
from casework.files import events
from casework.files.events import FileHistory
from casework.files.states import FileEventKind, FileStatus
from casework.files.status import ENDS
from casework.files.status import moved as moved_by
from casework.files.tasks import FileTask
from casework.payments import cases, fees, letters, movements
from casework.payments.card import charges
from casework.payments.movements import Movement
from casework.payments.services import PaymentServices
from casework.payments.states import (
    AWAITS_SUPPLEMENT,
    OPENED,
    Instrument,
    MoneyAct,
    MoneyReason,
    MovementKind,
)
from casework.payments.supplements import due
from casework.payments.supplements import settling as supplements
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


async def settle(
    conn: AsyncConnection, services: PaymentServices, number: int, now: int, *, accepts_late: bool = False
) -> Settlement:
    """Settle a file after its movements changed, in the transaction that changed them. Refusal not_found.

    Paid in full and in time: PAID, with its confirmation and the opening of the file staged, and a procuration that
    waited in force. Below the fee after it was paid: PAYMENT_REVERSED. The fee being here, the supplements of
    amendments are settled in the same way. Money that came late, twice, or for a file that has ended, and a fee that
    goes back after the decision, wait for a person, who may accept what came late (`accepts_late`). Anything else:
    nothing."""
    of = await events.history(conn, number, lock=True)
    fixed = await fees.fee_of(conn, services, number)
    moved = await movements.of_file(conn, number)
    fee, total = None if fixed is None else fixed.cents, movements.balance(moved)
    completing = None if fee is None else movements.completed_by(moved, fee)
    found = Settlement(status=of.status, fee=fee, balance=total)
    if of.status in REVERSIBLE and completing is None and of.newest(FileEventKind.PAID) is not None:
        return await _reversed(conn, services, of, found, moved, now)
    if of.status in ENDS:
        await _ended(conn, services, of, moved, now)
        return found
    if of.status in AWAITS_SUPPLEMENT and (completing is not None or fee is None):
        return await _supplements(conn, services, of, found, moved, now, accepts_late=accepts_late)
    if of.status is FileStatus.DECIDED:
        await _after_decision(conn, services, of, found, moved, now)
        return found
    if completing is None or of.status not in UNPAID:
        return found
    if not accepts_late and is_late(of, moved, completing, await last_day(conn, number)):
        await _wait(conn, services, number, MoneyReason.LATE, completing, total, now)
        return msgspec.structs.replace(found, is_late=True)
    return await _paid(conn, services, of, found, completing, now)


async def open_free(conn: AsyncConnection, services: PaymentServices, of: FileHistory, now: int) -> None:
    """Open a file of a programme that asks for no fees, whose lock is held: counted, with its letter, and a procuration
    that waited in force (PY-10); once."""
    if moved_by(of.status, FileEventKind.OPENED) is None:
        return
    subject = Subject.row(SUBMISSION, of.submission)
    await outbox.stage(conn, FileTask.FILE_OPENING, subject, now, key=f"{FileTask.FILE_OPENING}:{subject}:1")
    await _release(conn, services, of.submission, now)
    await events.record(conn, of, FileEventKind.OPENED, SERVICE, now)


_OWNER = sa.select(submission.c.account).where(submission.c.id == sa.bindparam("file"))


async def _release(conn: AsyncConnection, services: PaymentServices, number: int, now: int) -> None:
    """A procuration that was held until the file is open (RP-04)."""
    account = (await conn.execute(_OWNER, {"file": number})).scalar_one()
    await mailroom.released_on_payment(conn, services.representatives, account, now)


async def _supplements(
    conn: AsyncConnection,
    services: PaymentServices,
    of: FileHistory,
    found: Settlement,
    moved: list[Movement],
    now: int,
    *,
    accepts_late: bool,
) -> Settlement:
    """The fee is here: what was added to the file since is settled (`supplements/settling.py`)."""
    dues = await due.dues_of(conn, services, of)
    done = await supplements.settle(conn, services, of, dues, moved, now, accepts_late=accepts_late)
    if done.waits is not None:
        reason, movement, cents = done.waits
        await _wait(conn, services, of.submission, reason, movement, cents, now)
    elif done.recorded is None:
        await _twice(conn, services, of.submission, dues.asked or 0, moved, now)
    return msgspec.structs.replace(found, recorded=done.recorded)


async def _twice(
    conn: AsyncConnection,
    services: PaymentServices,
    number: int,
    asked: int,
    moved: list[Movement],
    now: int,
) -> None:
    """Money by card that came when everything was paid already, such as by post meanwhile, waits for a person (P15)."""
    if (one := paid_twice(moved, asked)) is not None:
        await _wait(conn, services, number, MoneyReason.TOO_MUCH, one, one.cents, now)


def paid_twice(moved: Sequence[Movement], asked: int) -> Movement | None:
    """The last movement, where it came by card and nothing of it was due any more: the `asked` cents were here before
    it. Pure."""
    if not moved or (last := moved[-1]).kind is not MovementKind.IN or last.instrument is not Instrument.CARD:
        return None
    return last if movements.balance(moved[:-1]) >= asked else None


async def _after_decision(
    conn: AsyncConnection,
    services: PaymentServices,
    of: FileHistory,
    found: Settlement,
    moved: list[Movement],
    now: int,
) -> None:
    """A decision stands whatever becomes of the money; a person is asked where it went back, or came twice."""
    dues = await due.dues_of(conn, services, of)
    if found.balance >= dues.settled:
        await _twice(conn, services, of.submission, dues.settled, moved, now)
    elif moved and moved[-1].signed < 0 and not await _was_decided(conn, moved):
        last = moved[-1]
        await _wait(conn, services, of.submission, MoneyReason.REVERSED, last, last.cents, now)


async def _was_decided(conn: AsyncConnection, moved: list[Movement]) -> bool:
    """Whether a person has had the last movement go back: nobody has to be asked what they know."""
    charge = moved[-1].charge
    return by_decision(moved, 0 if charge is None else await charges.asked_back(conn, charge))


def by_decision(moved: Sequence[Movement], asked: int) -> bool:
    """Whether the last movement is one that a person decided: of a case, or a refund within the `asked` cents that
    people have had go back of its charge. What the bank takes, or the provider's own desk, is not. Pure."""
    last = moved[-1]
    refunds = [one for one in moved if one.charge == last.charge and one.key.startswith(charges.REFUNDED)]
    is_ours = last in refunds and sum(one.cents for one in refunds) <= asked
    return is_ours or last.key.startswith(DECIDED)


DECIDED: Final = "case:"
"""How the key of a movement begins that somebody decided of money that waited (`deciding.py`)."""


async def _ended(
    conn: AsyncConnection, services: PaymentServices, of: FileHistory, moved: list[Movement], now: int
) -> None:
    """Money of a file that has ended waits for a person, once for what came; but what waits already, or is on its way
    back. What goes out asks nobody anew."""
    came = next((one for one in reversed(moved) if one.kind is MovementKind.IN), None)
    above = movements.balance(moved) - kept_of(of)
    if came is None or above <= 0:
        return
    known = await cases.in_balance(conn, of.submission) + await charges.going_back(conn, of.submission)
    if above > known:
        await _wait(conn, services, of.submission, MoneyReason.ENDED, came, above - known, now)


UNPAID = frozenset({FileStatus.AWAITING_PAYMENT, FileStatus.REVERSED})
"""Statuses in which a fee is awaited."""

PAID_ENDS = frozenset({MoneyReason.PARTIAL, MoneyReason.REVERSED, MoneyReason.MISDATED})
"""Reasons for which a person looks at an unpaid file: once it is paid, nobody has to."""

REVERSIBLE = AWAITS_SUPPLEMENT
"""Statuses that a payment which goes back undoes; after a decision a person looks at it."""


def kept_of(of: FileHistory) -> int:
    """The cents of a fee that stay though the file has ended: what was paid of one that was taken back. Pure."""
    event = of.newest(FileEventKind.WITHDRAWN)
    return 0 if event is None else int(event.detail.get("kept", 0))


def is_late(of: FileHistory, moved: list[Movement], completing: Movement, pay_by: date) -> bool:
    """Whether the money that completes the fee came after the last day to pay. Money of a charge that was in time once
    and was only disputed in between is not late. Pure."""
    if completing.on_day <= pay_by:
        return False
    was_paid = of.newest(FileEventKind.PAID) is not None
    earlier = [one.on_day for one in moved if one.charge is not None and one.charge == completing.charge]
    return not (was_paid and min(earlier, default=completing.on_day) <= pay_by)


async def _paid(
    conn: AsyncConnection,
    services: PaymentServices,
    of: FileHistory,
    found: Settlement,
    completing: Movement,
    now: int,
) -> Settlement:
    """Record that the fee is here, and stage what follows: each once a payment, so again after a reversal.

    The record goes last: its line of the audit is the last lock of a transaction.
    """
    serial = 1 + sum(event.kind is FileEventKind.PAID for event in of.events)
    subject = Subject.row(SUBMISSION, of.submission)
    for task in (FileTask.PAYMENT_CONFIRMATION, FileTask.FILE_OPENING):
        await outbox.stage(conn, task, subject, now, key=f"{task}:{subject}:{serial}")
    for case in await cases.waiting(conn, of.submission):
        if case.reason in PAID_ENDS:
            await cases.close(conn, case, MoneyAct.LEAVE, SERVICE, None, now)
    await _release(conn, services, of.submission, now)
    status = await events.record(
        conn, of, FileEventKind.PAID, SERVICE, now, key=str(serial), on_day=completing.on_day,
        cents=found.balance, instrument=completing.instrument,
    )  # fmt: skip
    return msgspec.structs.replace(found, status=status, recorded=FileEventKind.PAID)


async def _reversed(
    conn: AsyncConnection,
    services: PaymentServices,
    of: FileHistory,
    found: Settlement,
    moved: list[Movement],
    now: int,
) -> Settlement:
    """Record that the fee went back; a person looks at the file."""
    kind = FileEventKind.PAYMENT_REVERSED
    serial = 1 + sum(event.kind is kind for event in of.events)
    await _wait(conn, services, of.submission, MoneyReason.REVERSED, moved[-1], moved[-1].cents, now)
    status = await events.record(conn, of, kind, SERVICE, now, key=str(serial), cents=found.balance)
    return msgspec.structs.replace(found, status=status, recorded=kind)


async def _wait(
    conn: AsyncConnection,
    services: PaymentServices,
    number: int,
    reason: MoneyReason,
    of: Movement,
    cents: int,
    now: int,
) -> None:
    """Let this money wait for a person, and say so in the mailbox; once for the movement that brought it about."""
    key = f"{reason}:{number}:{of.key}"
    if await cases.open_case(conn, number, reason, of.instrument, cents, of.on_day, now, key=key):
        title = letters.REVERSED_TITLE if reason is MoneyReason.REVERSED else letters.HELD_TITLE
        await letters.tell(conn, services, number, title, [letters.HELD[reason]], now, key=f"money:{key}")


async def last_day(conn: AsyncConnection, number: int) -> date:
    """The last day to pay a file, which its owner is shown (P13)."""
    return day_of((await conn.execute(_PAY_BY, {"file": number})).scalar_one())


_PAY_BY = sa.select(submission.c.pay_by).where(submission.c.id == sa.bindparam("file"))


async def has_paid(conn: AsyncConnection, account: int) -> bool:
    """Whether the fee of an application of this account is paid, and is here still (RP-04)."""
    theirs = await conn.execute(sa.select(submission.c.id).where(submission.c.account == account))
    return any([(await events.history(conn, number)).status in OPENED for number in theirs.scalars().all()])
