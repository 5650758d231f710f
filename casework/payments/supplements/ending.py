"""The end of a supplement that was not paid: its amendment lapses, and the file is untouched (PM-01).

As of an unpaid file (`../unpaid/ending.py`): the provider of cards is asked before, in no transaction; then everything
is read again under the file's lock, and what stands against it is looked at later.
"""

from sqlalchemy.ext.asyncio import AsyncConnection

from casework.files import events
from casework.files.states import FileEventKind
from casework.files.status import ENDS
from casework.mailroom import pen
from casework.payments import letters
from casework.payments.card.port import ProviderAway
from casework.payments.services import PaymentServices
from casework.payments.supplements import rows, watching, wording
from casework.payments.supplements.due import dues_of
from casework.payments.unpaid import clock, reminders
from casework.payments.unpaid.clock import UnpaidStep
from casework.payments.unpaid.ending import LOOK_AGAIN_MS, AskProvider
from foundation.audit import SERVICE
from foundation.calendar.days import day_of
from foundation.calendar.proclaimed import closures
from foundation.errors import Unavailable
from foundation.outbox import Effect, OutsideEffect, OutsideOutcome
from foundation.sql.database import Database
from foundation.subjects import Subject


async def end(
    conn: AsyncConnection, services: PaymentServices, number: int, now: int, *, look_only: bool = False
) -> UnpaidStep:
    """Look at a file, and let its supplement lapse if nothing stands against it; what came of it. With `look_only`
    nothing is written. The supplement of a file that has ended, or is decided, goes without a word: nothing is due."""
    of = await events.history(conn, number, lock=not look_only)
    one = rows.awaited_of(await rows.of_file(conn, number))
    if one is None:
        return UnpaidStep.NOTHING
    rules = await reminders.rules_of(conn, services, number)
    purge_day = clock.purge_not_before(one.last_day, rules, await closures(conn))
    if day_of(now) <= purge_day:
        return UnpaidStep.WAIT
    if await watching.is_under_way(conn, number) or await pen.waits_for(
        conn, number, one.cents, one.last_day
    ):
        return UnpaidStep.HELD
    if look_only:
        return UnpaidStep.DELETE
    is_due = (await dues_of(conn, services, of)).awaited is not None
    await rows.mark(conn, one, lapsed_at=now)
    if is_due:
        said, key = wording.lapsed(one), f"{watching.told_key(one)}lapsed"
        await letters.tell(conn, services, number, wording.LAPSED_TITLE, said, now, key=key)
    if of.status not in ENDS:
        kind = FileEventKind.AMENDMENT_LAPSED
        await events.record(conn, of, kind, SERVICE, now, key=f"{one.serial}:{now}", serial=one.serial)
    return UnpaidStep.DELETE


def ending(services: PaymentServices, ask: AskProvider, within_ms: int) -> OutsideEffect:
    """The task of a supplement whose wait is over. A last day that moved has an end of its own."""

    async def call(db: Database, subject: Subject, now: int) -> OutsideOutcome:
        number, again = subject.number, now + LOOK_AGAIN_MS
        step = await db.read(lambda conn: end(conn, services, number, now, look_only=True))
        if step is UnpaidStep.NOTHING:
            return OutsideOutcome(_nothing)
        if step is UnpaidStep.WAIT:
            return OutsideOutcome(_staging(services))
        try:
            if await ask(db, number):
                return OutsideOutcome(_nothing, again)
        except (ProviderAway, Unavailable):
            return OutsideOutcome(_nothing, again)
        found = await db.write(lambda conn: end(conn, services, number, now))
        return OutsideOutcome(_nothing, again if found is UnpaidStep.HELD else None)

    return OutsideEffect(call, within_ms)


def _staging(services: PaymentServices) -> Effect:
    async def stage(conn: AsyncConnection, subject: Subject, now: int) -> None:
        one = rows.awaited_of(await rows.of_file(conn, subject.number))
        if one is not None:
            await watching.stage_days(conn, services, one, now)

    return stage


async def _nothing(_conn: AsyncConnection, _subject: Subject, _now: int) -> None:
    """What there was to write is written."""
