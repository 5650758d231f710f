"""A payment that came by post, entered by a clerk: judged once more under the file's lock, and done as judged (PY-03,
PY-04, PY-05). The mailroom's register calls it, with its own key for each item."""

from collections.abc import Sequence
from datetime import date

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.files import events
from casework.files.events import FileHistory
from casework.files.states import FileStatus
from casework.payments import cases, letters, movements, settling
from casework.payments.card import charges
from casework.payments.movements import Movement
from casework.payments.postal import DueSupplement, FileMoney, PostalJudgement, PostalPayment, judge
from casework.payments.services import PaymentServices
from casework.payments.states import AWAITS_SUPPLEMENT, OPENED, Instrument, MoneyReason, MovementKind
from casework.payments.supplements import due, restoring
from casework.payments.supplements.due import FileDues
from casework.payments.supplements.rows import UNPAID_ENDS, Supplement, SupplementState
from casework.payments.unpaid import reminders
from foundation.audit import Actor
from foundation.errors import Code, Refusal


async def standing(
    conn: AsyncConnection, services: PaymentServices, of: FileHistory, *, whole: bool = False
) -> FileMoney:
    """Where the money of a file stands, for `postal.judge`; with `whole` as if its whole fee were asked for."""
    dues = await due.dues_of(conn, services, of)
    one, lapsed = dues.awaited, dues.newest_lapsed
    return FileMoney(
        status=of.status,
        fee=fee_due(dues, FileStatus.AWAITING_PAYMENT if whole else of.status),
        supplement=None if one is None else DueSupplement(cents=dues.due, pay_by=one.last_day),
        lapsed=None if lapsed is None else DueSupplement(cents=lapsed.cents, pay_by=lapsed.last_day),
        given_up=lapsed is not None and lapsed.state is SupplementState.GIVEN_UP,
        restorable=dues.restorable is not None,
        pay_by=await settling.last_day(conn, of.submission),
        under_way=bool(await charges.under_way(conn, of.submission)),
        misdated=any(one.reason is MoneyReason.MISDATED for one in await cases.waiting(conn, of.submission)),
        asks_fees=(await reminders.rules_of(conn, services, of.submission)).asks_fees,
    )


def fee_due(dues: FileDues, status: FileStatus) -> int | None:
    """The cents that one remittance has to bring: the fee; of a file whose payment went back in part, what the page
    says is due (None: no rule says a fee). Pure."""
    if dues.fee is None or status is not FileStatus.REVERSED:
        return None if dues.fee is None else dues.fee.cents
    return dues.due


AWAITED_AGAIN = OPENED | {FileStatus.REVERSED, FileStatus.UNPAID_DELETED}
"""Statuses of a file whose payment is judged anew as if it were awaited still."""


async def look_again(
    conn: AsyncConnection, services: PaymentServices, number: int, payment: PostalPayment
) -> PostalJudgement:
    """What this payment would have been, if its file, or the amendment that it is for, were still to be paid. Refusal
    not_found."""
    of = await events.history(conn, number)
    money, extra = await standing(conn, services, of, whole=True), await _meant(conn, services, of, payment)
    if extra is not None and extra.state in UNPAID_ENDS:  # it comes back by the rule, or does not
        return judge(payment, money)
    if extra is not None:
        one = DueSupplement(cents=extra.cents, pay_by=extra.last_day)
        return judge(payment, msgspec.structs.replace(money, supplement=one))
    if money.status in AWAITED_AGAIN:
        money = msgspec.structs.replace(money, status=FileStatus.AWAITING_PAYMENT)
    return judge(payment, money)


async def _meant(
    conn: AsyncConnection, services: PaymentServices, of: FileHistory, payment: PostalPayment
) -> Supplement | None:
    """The newest supplement of an open file, where the payment is not the one that made up its fee."""
    dues = await due.dues_of(conn, services, of)
    if of.status not in AWAITS_SUPPLEMENT or not dues.supplements or dues.fee is None:
        return None
    first = movements.completed_by(await movements.of_file(conn, of.submission), dues.fee.cents)
    if first is not None and (first.instrument, first.cents) == (payment.instrument, payment.cents):
        return None
    return dues.supplements[-1]


async def look(
    conn: AsyncConnection, services: PaymentServices, number: int, payment: PostalPayment
) -> PostalJudgement:
    """What this payment would be, if it were entered now: writes nothing. Refusal not_found."""
    of = await events.history(conn, number)
    return judge(payment, await standing(conn, services, of))


async def enter(
    conn: AsyncConnection,
    services: PaymentServices,
    number: int,
    payment: PostalPayment,
    by: Actor,
    now: int,
    *,
    key: str,
) -> PostalJudgement:
    """Enter a payment of a file, in one transaction with what it triggers; once a key. Refusals not_found, invalid.

    Accepted: the money is in, and the file is settled. Returned: it is in and out again, and the letter is filed. For a
    person: it waits, and the mailbox says so. An instrument that is none of the five is no movement of ours. In time
    for an amendment that has lapsed: that one comes back before.
    """
    of = await events.history(conn, number, lock=True)
    judged = judge(payment, await standing(conn, services, of))
    if judged.restores:
        await _restored(conn, services, of, by, now)
    if judged.returned:
        await _return(conn, services, number, judged, by, now, key)
        return judged
    if judged.queued is not None:
        await _queue(conn, services, number, judged, judged.queued, now, key)
        return judged
    await _in(conn, number, payment, MovementKind.IN, by, now, f"{key}:in")
    await settling.settle(conn, services, number, now)
    return judged


async def _restored(
    conn: AsyncConnection, services: PaymentServices, of: FileHistory, by: Actor, now: int
) -> None:
    one = (await due.dues_of(conn, services, of)).restorable
    if one is not None:
        await restoring.restore(conn, of, one, by, now)
        await restoring.tell(conn, services, one, now)


async def _in(
    conn: AsyncConnection,
    number: int,
    payment: PostalPayment,
    kind: MovementKind,
    by: Actor,
    now: int,
    key: str,
) -> None:
    if payment.instrument is not None and payment.instrument is not Instrument.CARD:
        await movements.add(
            conn, number, kind, payment.instrument, payment.cents, payment.received_on, by, now, key=key
        )


async def _return(
    conn: AsyncConnection,
    services: PaymentServices,
    number: int,
    judged: PostalJudgement,
    by: Actor,
    now: int,
    key: str,
) -> None:
    """In and out again, with the letter; the deletion of a file that was paid in part waits for a person (PY-04)."""
    payment = judged.payment
    await _in(conn, number, payment, MovementKind.IN, by, now, f"{key}:in")
    await _in(conn, number, payment, MovementKind.RETURNED, by, now, f"{key}:returned")
    if judged.queued is MoneyReason.PARTIAL and payment.instrument is not None:
        await cases.open_case(
            conn, number, judged.queued, payment.instrument, payment.cents, payment.received_on, now, key=key
        )
    await letters.send(conn, services, number, letters.returned(judged), now, key=f"money:{key}:returned")


async def _queue(
    conn: AsyncConnection,
    services: PaymentServices,
    number: int,
    judged: PostalJudgement,
    reason: MoneyReason,
    now: int,
    key: str,
) -> None:
    payment = judged.payment
    if payment.instrument is None:
        return
    opened = await cases.open_case(
        conn, number, reason, payment.instrument, payment.cents, payment.received_on, now, key=key
    )
    if opened:
        said = [letters.HELD[reason]]
        await letters.tell(conn, services, number, letters.HELD_TITLE, said, now, key=f"money:{key}")


async def undo(
    conn: AsyncConnection, services: PaymentServices, number: int, by: Actor, now: int, *, key: str
) -> None:
    """What was entered under this key was a mistake: money that came in goes out by a movement of its own, and a file
    that was paid with it is not; what waits for a person waits no longer; a letter that was filed is taken back by a
    message. Refusals not_found; already_decided where a person has decided.
    """
    await events.history(conn, number, lock=True)
    opened = await cases.of_item(conn, key)
    if any(case.act is not None for case in opened):
        raise Refusal(Code.ALREADY_DECIDED)
    for case in opened:
        await cases.withdraw(conn, case)
    if await letters.was_told(conn, f"money:{key}:returned"):
        title, said = letters.TAKEN_BACK_TITLE, [letters.TAKEN_BACK]
        await letters.tell(conn, services, number, title, said, now, key=f"money:{key}:undone")
        return
    one = came_in(await movements.of_file(conn, number), f"{key}:in")
    if one is not None:
        await movements.add(
            conn, number, MovementKind.RETURNED, one.instrument, one.cents, one.on_day, by, now,
            key=f"{key}:undone",
        )  # fmt: skip
        await settling.settle(conn, services, number, now)


def came_in(moved: Sequence[Movement], *keys: str) -> Movement | None:
    """The movement by which money came in under one of these keys, with its day as it was last put right; None where
    none did. Pure."""
    marks = tuple(f"{key}{cases.REDATED}" for key in keys)
    found = [
        one for one in moved if one.kind is MovementKind.IN and (one.key in keys or one.key.startswith(marks))
    ]
    return found[-1] if found else None


async def redate(
    conn: AsyncConnection, number: int, one: Movement, on_day: date, by: Actor, now: int, *, correction: int
) -> None:
    """The day of money that is in was put right: it goes out on its old day and comes in on the new one, by two
    movements, once a correction. Whoever calls holds the file's lock, and settles."""
    mark = f"{one.key.partition(cases.REDATED)[0]}{cases.REDATED}{correction}"
    for kind, day, key in (
        (MovementKind.RETURNED, one.on_day, f"{mark}:was"),
        (MovementKind.IN, on_day, mark),
    ):
        await movements.add(conn, number, kind, one.instrument, one.cents, day, by, now, key=key)
