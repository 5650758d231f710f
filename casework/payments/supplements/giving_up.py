"""Giving up an amendment that waits for its fee: by its candidate, under the file's lock, once.

A payment that comes at the same moment is either before it, and then the amendment counts and nothing is given up; or
after it: money of an amendment without effect, which goes back (`settling.py`, `../postal.py`). The provider's page of
a card that is being charged is closed by a task, for no network call is made under a lock.
"""

from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from casework.files import events
from casework.files.states import FileEventKind
from casework.files.tasks import FileTask
from casework.payments import cases, letters
from casework.payments.card import charges
from casework.payments.services import PaymentServices
from casework.payments.states import MoneyReason
from casework.payments.supplements import rows, watching, wording
from casework.payments.supplements.due import dues_of
from casework.payments.supplements.rows import Supplement, SupplementState
from foundation import outbox
from foundation.audit import Actor
from foundation.errors import Code, Refusal
from foundation.subjects import Subject
from submission.store import SUBMISSION

KIND: Final = FileEventKind.AMENDMENT_GIVEN_UP


async def give_up(
    conn: AsyncConnection, services: PaymentServices, number: int, serial: int, by: Actor, now: int
) -> Supplement:
    """Give up the amendment of this serial, with everything that follows; said twice it is the same.

    Refusals not_found for an amendment that costs nothing, or is none; already_paid; move_not_allowed after a lapse,
    and in a file that awaits nothing (it has ended, or is decided).
    """
    of = await events.history(conn, number, lock=True)
    dues = await dues_of(conn, services, of)
    one = next((each for each in dues.supplements if each.serial == serial), None)
    if one is None:
        raise Refusal(Code.NOT_FOUND)
    if one.state is SupplementState.GIVEN_UP:
        return one
    if one.state is SupplementState.PAID:
        raise Refusal(Code.ALREADY_PAID)
    if dues.awaited is None or dues.awaited.serial != serial:
        raise Refusal(Code.MOVE_NOT_ALLOWED, **{"from": one.state, "to": SupplementState.GIVEN_UP})
    await rows.give_up(conn, one, now)
    for case in await cases.waiting(conn, number):
        if case.reason is MoneyReason.LATE:  # it was for this one, and there is nothing left to accept it for
            await cases.redate(conn, case, MoneyReason.LAPSED, case.on_day)
    if await charges.under_way(conn, number):
        await outbox.stage(conn, FileTask.WITHDRAWN_CARD, Subject.row(SUBMISSION, number), now)
    said, key = wording.given_up(one), f"{watching.told_key(one)}given_up"
    await letters.tell(conn, services, number, wording.GIVEN_UP_TITLE, said, now, key=key)
    await events.record(conn, of, KIND, by, now, key=str(serial), serial=serial)
    return next(each for each in await rows.of_file(conn, number) if each.id == one.id)
