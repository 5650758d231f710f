"""What each task of the outbox does, over all features: the registry that the worker is given."""

from collections.abc import Mapping, Sequence
from typing import Final

from accounts.attempts.missed import AccountTask
from accounts.bounces import recording as bounces
from accounts.cession.staging import CessionTask
from accounts.email_change.settling import coming_true
from accounts.email_change.store import EMAIL_CHANGE
from accounts.linkage.staging import LinkageTask
from accounts.personal_data.fields import PersonalFields
from accounts.recovery.answering import answering
from accounts.recovery.store import RECOVERY
from accounts.representatives import signing
from accounts.representatives.register import daily
from accounts.representatives.register.daily import RegisterTask
from accounts.representatives.services import representative_services
from accounts.representatives.signing import SigningTask
from casework import annulment, confirmation, exempt_letters, missed_notice, review_notice
from casework.checklists import telling
from casework.checklists.services import checklist_services
from casework.deadlines import moving as deadlines
from casework.files.tasks import FileTask
from casework.letters import sealing
from casework.letters.payment_letters import PaymentLetters
from casework.mailbox import notices
from casework.mailbox.broadcasts import SEND_BATCH
from casework.mailbox.sending import sending
from casework.mailbox.services import mailbox_services
from casework.mailroom import pen
from casework.mailroom.handlers import withdrawals
from casework.mailroom.services import mailroom_services
from casework.payments import settling
from casework.payments.services import payment_services
from config.settings import Settings
from config.wiring import card, payments
from config.wiring.amendments import amendment_effects
from config.wiring.deadlines import deadline_services
from config.wiring.switches import switch_effects
from foundation.batched_tasks.performing import BatchEffects
from foundation.events import Events
from foundation.mail import delivery
from foundation.mail.messages import Sender
from foundation.mail.smtp import Smtp, server_of
from foundation.mail.store import MAIL
from foundation.outbox import Effects, OutsideEffects
from quota.programmes import Programme, load_all
from submission.cession import scan as cession
from submission.drafts.encryption import DraftCiphers
from submission.drafts.lifetime.moving import moving
from submission.drafts.lifetime.reminders import DraftCare
from submission.exempt.submitting import EXEMPT_CONFIRMATION
from submission.follow_up import ANNULMENT, FollowUp
from submission.forms.files import Forms
from submission.near_duplicates import scan
from submission.near_duplicates.consequences import REVIEW_NOTICE
from submission.near_duplicates.records import PersonCiphers
from submission.signing import frozen


def effects(
    programmes: Mapping[str, Programme], forms: Forms, secret_keys: Sequence[str], public_url: str
) -> Effects:
    """The effect of every kind of task that any feature stages; they file documents under these keys."""
    sealing.prepare(secret_keys)
    personal, seals = PersonalFields(secret_keys), frozen.cipher(secret_keys)
    mailbox = mailbox_services(secret_keys, public_url)
    ciphers, letters = PersonCiphers(personal, seals), PaymentLetters(programmes, mailbox)
    representatives = representative_services(secret_keys, public_url, settling.has_paid)
    mailroom = mailroom_services(secret_keys, payment_services(programmes, secret_keys, representatives))
    return {
        FollowUp.CONFIRMATION: confirmation.confirming(programmes, mailbox),
        FileTask.PAYMENT_CONFIRMATION: letters.confirming(),
        FileTask.FILE_OPENING: letters.opening(),
        AccountTask.MISSED_NOTICE: missed_notice.filing(programmes, mailbox),
        FollowUp.DUPLICATE_SCAN: scan.scanning_submissions(ciphers),
        LinkageTask.ACCOUNT_SCAN: scan.scanning(ciphers),
        LinkageTask.REVIEW_RECHECK: scan.rechecking(ciphers),
        CessionTask.SCAN: cession.scanning(ciphers, programmes),
        REVIEW_NOTICE: review_notice.telling(programmes, mailbox),
        EXEMPT_CONFIRMATION: exempt_letters.confirming_exempt(programmes, mailbox),
        ANNULMENT: annulment.telling(programmes, mailbox),
        RegisterTask.CHECK: daily.checking(representatives),
        SigningTask.TELL: signing.telling(representatives),
        SigningTask.REMIND: signing.reminding(representatives),
        RECOVERY: answering(secret_keys, public_url),
        pen.MailTask.PEN_ENDS: pen.ending(mailroom),
        pen.MailTask.WITHDRAWAL: withdrawals.taking_effect(mailroom),
        **DraftCare(programmes, forms, personal, public_url).effects(),
        **moving(forms, DraftCiphers(secret_keys)),
        **payments.effects(programmes, secret_keys, public_url),
        EMAIL_CHANGE: coming_true(secret_keys, public_url),
        **telling.tellings(checklist_services({}, programmes, forms, secret_keys, public_url)),
        SEND_BATCH: sending(mailbox),
        **amendment_effects(programmes, forms, secret_keys, public_url),
        **switch_effects(),
        **deadlines.moving(deadline_services(programmes, secret_keys, public_url)),
    }


def batch_effects(
    programmes: Mapping[str, Programme], secret_keys: Sequence[str], public_url: str
) -> BatchEffects:
    """The effects of the tasks that are done many at a time."""
    return PaymentLetters(programmes, mailbox_services(secret_keys, public_url)).batches()


BATCHED: Final = frozenset((FileTask.PAYMENT_CONFIRMATION, FileTask.FILE_OPENING))
"""Their kinds, for the doorbell."""


def outside_effects(settings: Settings, events: Events | None = None) -> OutsideEffects:
    """What is done outside SQL: mail goes out to the server of SMTP_URL, or waits for one."""
    seconds, transport = settings.smtp_timeout, None
    if settings.smtp_url and settings.mail_from:
        sender = Sender(settings.mail_from, settings.service_name)
        transport = Smtp(server_of(settings.smtp_url), sender, seconds)
    programmes = load_all(settings.programmes_dir)
    return {
        MAIL: delivery.sending(
            transport,
            seconds,
            events,
            bounces.gate(settings.secret_keys),
            notices.as_one,
            settings.notice_hold_seconds,
        ),
        **card.outside(settings, programmes, events),
        **payments.outside(settings, programmes),
    }
