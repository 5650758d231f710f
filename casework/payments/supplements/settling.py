"""Settling a supplement: whether it is paid, decided under the file's lock from the sum of its movements, after the fee
itself (`../settling.py`, which alone calls this)."""

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.files import events
from casework.files.events import FileHistory
from casework.files.states import FileEventKind
from casework.files.tasks import FileTask
from casework.payments import cases, letters, movements
from casework.payments.movements import Movement
from casework.payments.services import PaymentServices
from casework.payments.states import Instrument, MoneyAct, MoneyReason, MovementKind
from casework.payments.supplements import rows, wording
from casework.payments.supplements.due import FileDues
from casework.payments.supplements.rows import Supplement, SupplementState
from foundation import outbox
from foundation.audit import SERVICE
from foundation.calendar.days import day_of
from foundation.subjects import Subject
from submission.store import SUBMISSION


class SettledSupplement(msgspec.Struct, frozen=True):
    """What was recorded just now (None: nothing new), and money that waits for a person with its reason."""

    recorded: FileEventKind | None = None
    waits: tuple[MoneyReason, Movement, int] | None = None


NOTHING = SettledSupplement()


async def settle(
    conn: AsyncConnection,
    services: PaymentServices,
    of: FileHistory,
    dues: FileDues,
    moved: list[Movement],
    now: int,
    *,
    accepts_late: bool,
) -> SettledSupplement:
    """Settle the supplements of an open file whose fee is here.

    The awaited one is paid once everything that was asked for is here, in time; late money waits for a person. Where
    money went back so that paid ones are no longer covered, the newest is awaited again (an item of the mailroom that
    is put right comes back at once), and lapses when its days are over, or where another one is awaited. Money by card
    that comes after a lapse waits for a person, who gives it back; what is asked
    for meanwhile is paid with it, and then nobody gives it back. Money that is on its way back pays nothing."""
    if dues.balance < dues.settled:
        return await _undone(conn, services, of, dues, now)
    one = dues.awaited
    wanted = dues.settled + dues.going_back + (0 if one is None else one.cents)
    completing = None if one is None else movements.completed_by(moved, wanted)
    if one is not None and completing is not None:
        if completing.on_day > one.last_day and not accepts_late:
            return SettledSupplement(waits=(MoneyReason.LATE, completing, dues.stays - dues.settled))
        await _used(conn, of.submission, dues.stays - dues.settled - one.cents, now)
        return await _paid(conn, services, of, one, completing, now)
    after = _after_lapse(dues, moved)
    if after is None:
        return NOTHING
    cents = min(after.cents, dues.balance - dues.settled)
    return SettledSupplement(waits=(MoneyReason.LAPSED, after, cents))


def _after_lapse(dues: FileDues, moved: list[Movement]) -> Movement | None:
    """The last money by card that came after a supplement lapsed, while more is here than anything asks for. Pure."""
    lapsed = dues.newest_lapsed
    if lapsed is None or lapsed.lapsed_at is None or dues.balance <= dues.settled:
        return None
    late = [
        one
        for one in moved
        if one.kind is MovementKind.IN and one.instrument is Instrument.CARD and one.at >= lapsed.lapsed_at
    ]
    return late[-1] if late else None


async def _paid(
    conn: AsyncConnection,
    services: PaymentServices,
    of: FileHistory,
    one: Supplement,
    completing: Movement,
    now: int,
) -> SettledSupplement:
    """Its amendment counts from now on; the confirmation of the payment is filed."""
    kind = FileEventKind.SUPPLEMENT_PAID
    await rows.mark(conn, one, paid_at=now)
    for case in await cases.waiting(conn, of.submission):
        if case.reason is MoneyReason.MISDATED:  # what was sent back by mistake is made up for
            await cases.close(conn, case, MoneyAct.LEAVE, SERVICE, None, now)
    times = 1 + sum(event.kind is kind and event.detail.get("serial") == one.serial for event in of.events)
    await events.record(
        conn, of, kind, SERVICE, now, key=f"{one.serial}:{times}", on_day=completing.on_day,
        serial=one.serial, cents=one.cents, instrument=completing.instrument,
    )  # fmt: skip
    letter = wording.confirmed(one, completing.on_day, completing.instrument)
    key = f"supplement:{one.id}:paid:{times}"
    await letters.send(conn, services, of.submission, letter, now, key=key)
    return SettledSupplement(kind)


async def _used(conn: AsyncConnection, number: int, left: int, now: int) -> None:
    """Money of a lapsed amendment by which another one is paid, so that only so many cents are left, is given back by
    nobody any more."""
    for case in await cases.waiting(conn, number):
        if case.reason is MoneyReason.LAPSED and case.cents <= left:
            left -= case.cents
        elif case.reason is MoneyReason.LAPSED:
            await cases.close(conn, case, MoneyAct.LEAVE, SERVICE, None, now)


async def _undone(
    conn: AsyncConnection, services: PaymentServices, of: FileHistory, dues: FileDues, now: int
) -> SettledSupplement:
    """Its money went back: the newest first, as many as are no longer covered."""
    missing, recorded = dues.settled - dues.balance, None
    for one in reversed(dues.supplements):
        if missing <= 0 or one.state is not SupplementState.PAID:
            continue
        missing -= one.cents
        others = await rows.of_file(conn, of.submission)
        again = rows.awaited_of(others) is None
        await rows.mark(conn, one, lapsed_at=None if again else now)
        if again:
            await _watch_again(conn, one, now)
        said = wording.undone(one, one.last_day if again and day_of(now) <= one.last_day else None)
        key = f"supplement:{one.id}:undone:{one.paid_at}"
        await letters.tell(conn, services, of.submission, wording.UNDONE_TITLE, said, now, key=key)
        recorded = FileEventKind.SUPPLEMENT_REVERSED
        await events.record(
            conn, of, recorded, SERVICE, now, key=f"{one.serial}:{one.paid_at}", serial=one.serial,
            cents=one.cents, lapsed=not again,
        )  # fmt: skip
    return SettledSupplement(recorded)


async def _watch_again(conn: AsyncConnection, one: Supplement, now: int) -> None:
    """Its end is looked at anew: the task of its days may be done already."""
    kind, subject = FileTask.SUPPLEMENT_END, Subject.row(SUBMISSION, one.submission)
    await outbox.stage(conn, kind, subject, now, key=f"{kind}:{subject}:{one.serial}:again:{one.paid_at}")
