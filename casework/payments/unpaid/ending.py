"""The end of an unpaid file (PY-05): after its last day and the office's wait, and never while money is under way.

The provider of cards is asked before (no network call is made under a lock); then the file's lock is taken, and
everything is read again: no attempt by card can begin or end meanwhile, for both take that lock. What stands against it
is looked at again later; what nobody was told is an alarm.
"""

from collections.abc import Awaitable, Callable

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.files import events
from casework.files.states import FileEventKind
from casework.mailroom import pen
from casework.payments import cases, fees, movements
from casework.payments.card import charges
from casework.payments.card.port import ProviderAway
from casework.payments.services import PaymentServices
from casework.payments.unpaid import clock, deletion, posted_notice, reminders
from casework.payments.unpaid.clock import UnpaidFile, UnpaidStep
from foundation.audit import SERVICE
from foundation.calendar.days import day_of
from foundation.calendar.proclaimed import closures
from foundation.errors import Unavailable
from foundation.outbox import OutsideEffect, OutsideOutcome
from foundation.sql.database import Database
from foundation.subjects import Subject
from submission.store import submission

log = structlog.get_logger()

LOOK_AGAIN_MS = 12 * 3_600_000
"""After so long a file is looked at again that something stands against deleting."""

AskProvider = Callable[[Database, int], Awaitable[bool]]
"""Asks the provider of cards once more of every attempt of a file; whether money may still come. Raises ProviderAway,
Unavailable."""


async def read(
    conn: AsyncConnection, services: PaymentServices, number: int, *, lock: bool = False
) -> UnpaidFile:
    """Everything that the end of a file hangs on; whoever goes by it holds the file's lock."""
    of = await events.history(conn, number, lock=lock)
    found = sa.select(submission.c.pay_by).where(submission.c.id == number)
    pay_by_at = (await conn.execute(found)).scalar_one()
    pay_by = day_of(pay_by_at)
    rules = await reminders.rules_of(conn, services, number)
    posted = await posted_notice.standing(conn, number)
    fee = await fees.fee_of(conn, services, number)
    return UnpaidFile(
        status=of.status,
        purge_day=clock.purge_not_before(pay_by, rules, await closures(conn)),
        has_fee=fee is not None,
        balance=movements.balance(await movements.of_file(conn, number)),
        card_under_way=bool(await charges.under_way(conn, number)),
        in_the_mailroom=await pen.waits_for(conn, number, None if fee is None else fee.cents, pay_by),
        to_decide=bool(await cases.waiting(conn, number)),
        was_told=await reminders.was_told(conn, number, pay_by_at),
        posted_until=None if posted is None else posted.counts_after,
    )


async def end(conn: AsyncConnection, services: PaymentServices, number: int, now: int) -> UnpaidStep:
    """Look at a file, and delete it if nothing stands against it; what came of it."""
    step = clock.next_step(await read(conn, services, number, lock=True), day_of(now))
    if step is UnpaidStep.DELETE:
        of = await events.history(conn, number)
        await deletion.delete(conn, services, of, FileEventKind.UNPAID_DELETED, SERVICE, now)
    return step


def ending(services: PaymentServices, ask: AskProvider, within_ms: int) -> OutsideEffect:
    """The task of a file whose wait is over."""

    async def call(db: Database, subject: Subject, now: int) -> OutsideOutcome:
        number, again = subject.number, now + LOOK_AGAIN_MS
        if not await db.read(lambda conn: _may_end(conn, services, number, now)):
            return OutsideOutcome(_looked(services))
        try:
            is_under_way = await ask(db, number)
        except (ProviderAway, Unavailable):
            return OutsideOutcome(_nothing, again)
        if is_under_way:
            return OutsideOutcome(_nothing, again)
        found = await db.write(lambda conn: end(conn, services, number, now))
        if found is UnpaidStep.UNTOLD:
            log.error("unpaid_notice_not_delivered", submission=number)
        return OutsideOutcome(_nothing, again if found in {UnpaidStep.HELD, UnpaidStep.UNTOLD} else None)

    return OutsideEffect(call, within_ms)


async def _may_end(conn: AsyncConnection, services: PaymentServices, number: int, now: int) -> bool:
    return clock.next_step(await read(conn, services, number), day_of(now)) not in {
        UnpaidStep.NOTHING,
        UnpaidStep.WAIT,
    }


def _looked(services: PaymentServices) -> Callable[[AsyncConnection, Subject, int], Awaitable[None]]:
    async def stage(conn: AsyncConnection, subject: Subject, now: int) -> None:
        """A last day that moved has an end of its own."""
        if clock.next_step(await read(conn, services, subject.number), day_of(now)) is UnpaidStep.WAIT:
            await reminders.stage_days(conn, services, subject.number, now)

    return stage


async def _nothing(_conn: AsyncConnection, _subject: Subject, _now: int) -> None:
    """What there was to write is written."""
