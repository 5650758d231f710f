"""What each task of the outbox does: every kind that a feature stages has its effect."""

from accounts.attempts.missed import AccountTask
from config.effects import effects
from config.settings import PROGRAMMES
from quota.programmes import load_all
from submission.follow_up import ANNULMENT, FollowUp
from submission.signing import frozen
from tests.support.desks import PERSONAL
from tests.support.rooms import KEYS


def test_every_kind_of_task_has_its_effect() -> None:
    """One that a worker does not know is left for a newer worker, so a forgotten one would wait for ever."""
    found = effects(load_all(PROGRAMMES), PERSONAL, frozen.cipher(KEYS))
    assert set(found) == {*FollowUp, ANNULMENT, *AccountTask}
    assert all(callable(effect) for effect in found.values())
