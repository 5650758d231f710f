"""What each task of the outbox does: every kind that a feature stages has its effect."""

from accounts.attempts.missed import AccountTask
from accounts.cession.staging import CessionTask
from accounts.email_change.store import EMAIL_CHANGE
from accounts.linkage.staging import LinkageTask
from accounts.recovery.store import RECOVERY
from accounts.representatives.register.daily import RegisterTask
from accounts.representatives.signing import SigningTask
from casework.amendments.amending import AmendmentTask
from casework.checklists.states import ChecklistTask
from casework.deadlines.states import DeadlineTask
from casework.files.tasks import FileTask
from casework.mailbox.broadcasts import SEND_BATCH
from casework.mailroom.pen import MailTask
from casework.payments.card.services import CardTask
from casework.switches.telling import SwitchTask
from config.effects import BATCHED, batch_effects, effects, outside_effects
from config.settings import PROGRAMMES, Settings
from foundation.mail.store import MAIL
from quota.programmes import load_all
from quota.states import PeriodTask
from submission.drafts.lifetime.moving import MOVE
from submission.drafts.lifetime.reminders import DraftTask
from submission.exempt.submitting import EXEMPT_CONFIRMATION
from submission.follow_up import ANNULMENT, FollowUp
from submission.forms.files import load_forms
from submission.near_duplicates.consequences import REVIEW_NOTICE
from tests.support.rooms import KEYS


def test_every_kind_of_task_has_its_effect() -> None:
    """One that a worker does not know is left for a newer worker, so a forgotten one would wait for ever."""
    known = load_all(PROGRAMMES)
    found = effects(known, load_forms(PROGRAMMES / "forms", known), KEYS, "http://guichet.test")
    enumerated = {*FollowUp, *AccountTask, *RegisterTask, *SigningTask, *LinkageTask, *DraftTask, *PeriodTask}
    enumerated |= {*CessionTask, *MailTask, *DeadlineTask, *ChecklistTask}
    enumerated |= {*AmendmentTask, *SwitchTask}
    assert set(found) - enumerated - {*FileTask} == {
        ANNULMENT,
        MOVE,
        EMAIL_CHANGE,
        EXEMPT_CONFIRMATION,
        RECOVERY,
        REVIEW_NOTICE,
        SEND_BATCH,
    }
    assert enumerated <= set(found)
    assert all(callable(effect) for effect in found.values())


def test_mail_and_cards_have_their_effects_with_or_without_a_server() -> None:
    """A worker knows the kinds either way: without SMTP_URL or CARD_KEY they wait, and are rung for again."""
    least = {"REDIS_URL": "redis://x", "SECRET_KEYS": "0123456789abcdefghijklmnopqrstuvwxyz"}
    server = {"SMTP_URL": "smtp://localhost", "MAIL_FROM": "a@example.ca"}
    for environ in (least, least | server):
        ours = {MAIL, FileTask.UNPAID_END, FileTask.SUPPLEMENT_END, FileTask.WITHDRAWN_CARD}
        assert set(outside_effects(Settings.from_env(environ))) == {*ours, *CardTask}


def test_what_is_rung_for_together_can_be_done_together() -> None:
    """The ticker knows the kinds by name, the worker their effects; each has an effect of its own too."""
    known = load_all(PROGRAMMES)
    assert set(batch_effects(known, KEYS, "http://guichet.test")) == BATCHED
    assert (
        set(effects(known, load_forms(PROGRAMMES / "forms", known), KEYS, "http://guichet.test")) >= BATCHED
    )
