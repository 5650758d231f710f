"""New days to pay, for a payment that had come in time and was sent back by a day that was wrongly entered (ADR 0037).

As many days as the rules give anybody, counted from the decision (PY-01). The last day is written where every page,
letter and reminder reads it, and only ever goes up (P13); its move is an event of the file.
"""

from datetime import date
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.files import events
from casework.files.events import FileHistory
from casework.files.states import FileEventKind, FileStatus
from casework.payments import settling
from casework.payments.services import PaymentServices
from casework.payments.unpaid import reminders
from foundation.audit import Actor
from foundation.calendar.days import day_of
from foundation.calendar.proclaimed import closures
from foundation.errors import Code, Refusal
from submission.pay_by import pay_by
from submission.store import submission

DEADLINE: Final = "payment"
"""The name of the deadline that moves (`casework/deadlines/states.py`)."""


async def last_day(conn: AsyncConnection, services: PaymentServices, number: int, now: int) -> date:
    """The last day to pay that would be given now: never before the one that was told."""
    rules = await reminders.rules_of(conn, services, number)
    given = day_of(pay_by(now, rules.due_days, await closures(conn)))
    return max(given, await settling.last_day(conn, number))


async def give(
    conn: AsyncConnection,
    services: PaymentServices,
    of: FileHistory,
    by: Actor,
    now: int,
    *,
    key: str,
    why: str,
) -> date:
    """Give them to an unpaid file, whose lock is held; its last day from now on. Reminders and the end of the wait are
    staged anew. Refusal move_not_allowed for a file whose payment is not awaited."""
    if of.status is not FileStatus.AWAITING_PAYMENT:
        raise Refusal(Code.MOVE_NOT_ALLOWED, **{"from": of.status, "to": DEADLINE})
    number = of.submission
    was, last = await settling.last_day(conn, number), await last_day(conn, services, number, now)
    rules = await reminders.rules_of(conn, services, number)
    until = pay_by(now, rules.due_days, await closures(conn))
    s = submission.c
    later = sa.update(submission).where(s.id == number, s.pay_by < until).values(pay_by=until)
    await conn.execute(later)
    await reminders.stage_days(conn, services, number, now)
    await events.record(
        conn, of, FileEventKind.DEADLINE_MOVED, by, now, key=f"{DEADLINE}:{key}", on_day=last, reason=why,
        deadline=DEADLINE, from_day=was.isoformat(), to_day=last.isoformat(),
    )  # fmt: skip
    return last
