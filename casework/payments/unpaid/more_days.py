"""New days to pay, for a payment that had come in time and was sent back by a day that was wrongly entered (ADR 0037).

As many days as the rules give anybody, counted from the decision (PY-01). The last day is written where every page,
letter and reminder reads it, and only ever goes up (P13); its move is an event of the file.
"""

from datetime import date

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.deadlines.states import DeadlineKind
from casework.files import events
from casework.files.events import FileHistory
from casework.files.states import FileEventKind, FileStatus
from casework.payments import settling
from casework.payments.services import PaymentServices
from casework.payments.states import MoneyAct
from casework.payments.supplements import due, restoring, rows, watching
from casework.payments.supplements.rows import Supplement, SupplementState
from casework.payments.unpaid import reminders
from foundation.audit import Actor
from foundation.calendar.days import day_of, end_of_day
from foundation.calendar.proclaimed import closures
from foundation.errors import Code, Refusal
from submission.pay_by import pay_by
from submission.store import submission


class GivenDays(msgspec.Struct, frozen=True):
    """The last day to pay as it was and as it is from now on, and the supplement that it is of (None: of the fee);
    `restored`, that one had lapsed, and comes back."""

    was: date
    until: date
    supplement: Supplement | None
    restored: bool = False


async def look(conn: AsyncConnection, services: PaymentServices, number: int, now: int) -> GivenDays:
    """The days that would be given now: the last one is never before the one that was told."""
    dues = await due.dues_of(conn, services, await events.history(conn, number))
    rules, one = await reminders.rules_of(conn, services, number), dues.awaited or dues.restorable
    was = await settling.last_day(conn, number) if one is None else one.last_day
    given = day_of(pay_by(now, rules.due_days, await closures(conn)))
    restored = one is not None and one.state is SupplementState.LAPSED
    return GivenDays(was=was, until=max(given, was), supplement=one, restored=restored)


async def give(
    conn: AsyncConnection,
    services: PaymentServices,
    of: FileHistory,
    by: Actor,
    now: int,
    *,
    key: str,
    why: str,
) -> GivenDays:
    """Give them to a file whose lock is held, for its fee or for the amendment whose fee is due, or was and lapsed:
    that one comes back. Reminders and the end of the wait are staged anew. Refusal move_not_allowed for a file whose
    payment is not awaited."""
    number = of.submission
    found = await look(conn, services, number, now)
    last, one = end_of_day(found.until), found.supplement
    if one is not None:
        name = f"{DeadlineKind.SUPPLEMENT}:{one.serial}"
        if found.restored:
            await restoring.restore(conn, of, one, by, now, why=why)
        await rows.move_last_day(conn, number, one.serial, last)
        moved = msgspec.structs.replace(one, pay_by=last, lapsed_at=None)
        await watching.stage_days(conn, services, moved, now)
    elif of.status is FileStatus.AWAITING_PAYMENT:
        name, s = str(DeadlineKind.PAYMENT), submission.c
        later = sa.update(submission).where(s.id == number, s.pay_by < last).values(pay_by=last)
        await conn.execute(later)
        await reminders.stage_days(conn, services, number, now)
    else:
        raise Refusal(Code.MOVE_NOT_ALLOWED, **{"from": of.status, "to": MoneyAct.MORE_DAYS})
    await events.record(
        conn, of, FileEventKind.DEADLINE_MOVED, by, now, key=f"{name}:{key}", on_day=found.until, reason=why,
        deadline=name, from_day=found.was.isoformat(), to_day=found.until.isoformat(),
    )  # fmt: skip
    return found
