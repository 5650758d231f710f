"""The tasks of payments: each has its effect, with or without a provider of cards."""

from casework.files.tasks import FileTask
from config.settings import PROGRAMMES, Settings
from config.wiring import payments
from quota.programmes import load_all
from submission.follow_up import FollowUp
from tests.support.rooms import KEYS


def test_each_task_has_its_effect() -> None:
    known = load_all(PROGRAMMES)
    assert set(payments.effects(known, KEYS, "http://guichet.test")) == {
        FollowUp.PAYMENT_WATCH, FileTask.PAYMENT_REMINDER, FileTask.ADDRESS_FORGOTTEN,
        FileTask.SUPPLEMENT_WATCH, FileTask.SUPPLEMENT_REMINDER,
    }  # fmt: skip
    settings = Settings.from_env(
        {"REDIS_URL": "redis://x", "SECRET_KEYS": "0123456789abcdefghijklmnopqrstuvwxyz"}
    )
    outside = payments.outside(settings, known)
    assert set(outside) == {FileTask.UNPAID_END, FileTask.SUPPLEMENT_END, FileTask.WITHDRAWN_CARD}
    assert all(one.within_ms > 0 for one in outside.values())
