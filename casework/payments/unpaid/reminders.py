"""What an account is told while its payment is awaited: once at the beginning, then before the last day (QU-06, PY-01).

Each is a message of the mailbox, once a key. A reminder reads everything again under the file's lock: whoever paid a
second before is not reminded. Each look stages the days anew, so that a last day that moved has reminders of its own.
"""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.files import events
from casework.files.events import FileHistory
from casework.files.sheet import sheet
from casework.files.states import FileStatus
from casework.files.tasks import FileTask
from casework.mailbox.delivery import notice_key
from casework.mailbox.store import message
from casework.payments import cases, fees, letters, movements, settling
from casework.payments.card import charges
from casework.payments.services import PaymentServices
from casework.payments.unpaid import clock
from foundation import outbox
from foundation.calendar.days import day_of
from foundation.calendar.proclaimed import closures
from foundation.mail.states import MailState
from foundation.mail.store import mail
from foundation.money import dollars
from foundation.outbox import Effect
from foundation.subjects import Subject
from quota import frozen_rules
from quota.programmes import PaymentRules
from server.rendering.templating import day_words
from submission.store import SUBMISSION

ASKED_TITLE = "Frais à payer"

REMINDED_TITLE = "Rappel : frais à payer"

HOW = (
    "Payez en ligne par carte de crédit, à la page de votre dossier, ou par la poste, en un seul envoi, avec l’un des "
    "modes de paiement acceptés : c’est le jour de la réception qui compte."
)


def asked(cents: int, pay_by: date) -> list[str]:
    """What the account is told first. It names the last day to pay, and no other."""
    return [
        f"Les frais de votre demande sont de {dollars(cents)}. Ils sont à payer en entier au plus tard le "
        f"{day_words(pay_by)}.",
        HOW,
        "Payez sans attendre : votre demande est comptée une fois payée. Sans paiement à cette date, elle est "
        "supprimée.",
    ]


def reminded(cents: int, pay_by: date, left: int) -> list[str]:
    """What a reminder says, so many days before the last day. It names no other day."""
    when = {0: "aujourd’hui", 1: "demain"}.get(left, f"dans {left} jours")
    return [
        f"Nous n’avons pas reçu le paiement de votre demande. Le dernier jour est {when}, le {day_words(pay_by)} : "
        f"{dollars(cents)} sont à payer en entier.",
        HOW,
        "Si vous avez déjà payé par la poste, vous n’avez rien à faire.",
    ]


async def rules_of(conn: AsyncConnection, services: PaymentServices, number: int) -> PaymentRules:
    """The rules of payment of a file: as they were announced with its period, otherwise its programme's (WR-18)."""
    head = await sheet(conn, services.personal, number)
    return frozen_rules.payment_of(head.rules, head.programme, services.programmes)


async def stage_days(conn: AsyncConnection, services: PaymentServices, number: int, now: int) -> None:
    """Stage the reminders of a file that are to come, and the end of its wait, by its last day as it is now: each once
    a day."""
    rules, pay_by = await rules_of(conn, services, number), await settling.last_day(conn, number)
    subject = Subject.row(SUBMISSION, number)
    for days, at in clock.reminder_days(pay_by, rules).items():
        kind = FileTask.PAYMENT_REMINDER
        if at > now:
            await outbox.stage(conn, kind, subject, now, due_at=at, key=f"{kind}:{subject}:{days}:{pay_by}")
    purge = clock.purge_not_before(pay_by, rules, await closures(conn))
    kind = FileTask.UNPAID_END
    await outbox.stage(
        conn, kind, subject, now, due_at=clock.purge_at(purge), key=f"{kind}:{subject}:{purge}"
    )


def watching(services: PaymentServices) -> Effect:
    """The effect of the task that every submission has: the account is told, and the days are staged; where nothing is
    due, the file is opened at once (PY-10)."""

    async def watch(conn: AsyncConnection, subject: Subject, now: int) -> None:
        number = subject.number
        of = await events.history(conn, number, lock=True)
        if not (await rules_of(conn, services, number)).asks_fees:
            await settling.open_free(conn, services, of, now)
            return
        fee = await fees.fee_of(conn, services, number)
        if of.status is not FileStatus.AWAITING_PAYMENT or fee is None:
            return
        said = asked(fee.cents, await settling.last_day(conn, number))
        await letters.tell(conn, services, number, ASKED_TITLE, said, now, key=f"{told_key(number)}asked")
        await stage_days(conn, services, number, now)

    return watch


def reminding(services: PaymentServices) -> Effect:
    """The effect of a reminder."""

    async def remind(conn: AsyncConnection, subject: Subject, now: int) -> None:
        number = subject.number
        of = await events.history(conn, number, lock=True)
        if not await _is_awaited(conn, of):
            return
        fee, pay_by = await fees.fee_of(conn, services, number), await settling.last_day(conn, number)
        rules, left = await rules_of(conn, services, number), (pay_by - day_of(now)).days
        mark = clock.mark_of(left, rules.reminders)
        await stage_days(conn, services, number, now)
        if fee is None or mark is None:
            return
        if left == mark or not await _was_reminded(conn, number, mark):
            said = reminded(fee.cents, pay_by, left)
            key = f"{told_key(number)}{mark}:{pay_by}"
            await letters.tell(conn, services, number, REMINDED_TITLE, said, now, key=key)

    return remind


async def _was_reminded(conn: AsyncConnection, number: int, mark: int) -> bool:
    """Whether this reminder came already, by a last day that has moved since: it is not said again between two."""
    said = message.c.key.startswith(f"{told_key(number)}{mark}:", autoescape=True)
    return (await conn.execute(sa.select(message.c.id).where(said).limit(1))).first() is not None


async def _is_awaited(conn: AsyncConnection, of: FileHistory) -> bool:
    """Whether a payment is awaited, and none is under way or waits for a person."""
    if of.status is not FileStatus.AWAITING_PAYMENT:
        return False
    number = of.submission
    return not (
        await charges.under_way(conn, number)
        or await cases.holds_money(conn, number)
        or movements.balance(await movements.of_file(conn, number))
    )


def told_key(number: int) -> str:
    """What the keys of all messages begin with that tell a file's account to pay."""
    return f"payment:{number}:"


async def was_told(conn: AsyncConnection, number: int, pay_by_at: int) -> bool:
    """Whether the account was told to pay while it still could: a message in its mailbox before that instant, whose
    notice by mail, if it has an address, does not wait any more."""
    told = sa.select(message.c.id).where(
        message.c.key.startswith(told_key(number), autoescape=True), message.c.at <= pay_by_at
    )
    ids = (await conn.execute(told)).scalars().all()
    waits = sa.select(mail.c.key).where(
        mail.c.key.in_([notice_key(id) for id in ids]),
        mail.c.state.in_((MailState.STAGED, MailState.SET_ASIDE)),
    )
    waiting = set((await conn.execute(waits)).scalars())
    return any(notice_key(id) not in waiting for id in ids)
