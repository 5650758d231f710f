"""What an account is told while a supplement is awaited: once at the beginning, then before the last day, as of the fee
itself (`../unpaid/reminders.py`). Each is a message of the mailbox, once a key, and reads everything again under the
file's lock."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.files import events
from casework.files.tasks import FileTask
from casework.mailbox.store import message
from casework.payments import cases, letters
from casework.payments.card import charges
from casework.payments.services import PaymentServices
from casework.payments.states import MoneyReason
from casework.payments.supplements import wording
from casework.payments.supplements.due import dues_of
from casework.payments.supplements.rows import Supplement
from casework.payments.unpaid import clock, reminders
from foundation import outbox
from foundation.calendar.days import day_of
from foundation.calendar.proclaimed import closures
from foundation.outbox import Effect
from foundation.subjects import Subject
from submission.store import SUBMISSION


async def stage_watch(conn: AsyncConnection, one: Supplement, now: int) -> None:
    """Have the account told of a supplement, in the transaction that fixes it."""
    kind, subject = FileTask.SUPPLEMENT_WATCH, Subject.row(SUBMISSION, one.submission)
    await outbox.stage(conn, kind, subject, now, key=f"{kind}:{subject}:{one.serial}")


async def stage_days(conn: AsyncConnection, services: PaymentServices, one: Supplement, now: int) -> None:
    """Stage the reminders that are to come, and the end of the wait, by the last day as it is now: each once a day."""
    rules, subject = (
        await reminders.rules_of(conn, services, one.submission),
        Subject.row(SUBMISSION, one.submission),
    )
    kind = FileTask.SUPPLEMENT_REMINDER
    for days, at in clock.reminder_days(one.last_day, rules).items():
        if at > now:
            key = f"{kind}:{subject}:{one.serial}:{days}:{one.last_day}"
            await outbox.stage(conn, kind, subject, now, due_at=at, key=key)
    purge = clock.purge_not_before(one.last_day, rules, await closures(conn))
    kind = FileTask.SUPPLEMENT_END
    key = f"{kind}:{subject}:{one.serial}:{purge}"
    await outbox.stage(conn, kind, subject, now, due_at=clock.purge_at(purge), key=key)


def watching(services: PaymentServices) -> Effect:
    """The effect of the task that every supplement has: the account is told, and the days are staged."""

    async def watch(conn: AsyncConnection, subject: Subject, now: int) -> None:
        of = await events.history(conn, subject.number, lock=True)
        dues = await dues_of(conn, services, of)
        if (one := dues.awaited) is None:
            return
        said, key = wording.asked(one, dues.due), f"{told_key(one)}asked"
        await letters.tell(conn, services, of.submission, wording.ASKED_TITLE, said, now, key=key)
        await stage_days(conn, services, one, now)

    return watch


def reminding(services: PaymentServices) -> Effect:
    """The effect of a reminder."""

    async def remind(conn: AsyncConnection, subject: Subject, now: int) -> None:
        of = await events.history(conn, subject.number, lock=True)
        dues = await dues_of(conn, services, of)
        if (one := dues.awaited) is None or await is_under_way(conn, of.submission):
            return
        rules, left = (
            await reminders.rules_of(conn, services, of.submission),
            (one.last_day - day_of(now)).days,
        )
        mark = clock.mark_of(left, rules.reminders)
        await stage_days(conn, services, one, now)
        if mark is not None and (left == mark or not await _was_reminded(conn, one, mark)):
            said, key = wording.reminded(one, dues.due, left), f"{told_key(one)}{mark}:{one.last_day}"
            await letters.tell(conn, services, of.submission, wording.REMINDED_TITLE, said, now, key=key)

    return remind


async def is_under_way(conn: AsyncConnection, number: int) -> bool:
    """Whether money of a file is under way or waits for a person, or some was sent back by mistake: nobody is reminded,
    and nothing lapses, meanwhile."""
    if await charges.under_way(conn, number):
        return True
    waits = {one.reason for one in await cases.waiting(conn, number)}
    return bool(waits & (cases.HOLD_MONEY | {MoneyReason.MISDATED}))


async def _was_reminded(conn: AsyncConnection, one: Supplement, mark: int) -> bool:
    """Whether this reminder came already, by a last day that has moved since."""
    said = message.c.key.startswith(f"{told_key(one)}{mark}:", autoescape=True)
    return (await conn.execute(sa.select(message.c.id).where(said).limit(1))).first() is not None


def told_key(one: Supplement) -> str:
    """What the keys of all messages begin with that are about a supplement."""
    return f"supplement:{one.id}:"
