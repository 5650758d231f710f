"""The desk of tasks knows every kind that a worker knows."""

from config.settings import PROGRAMMES, Settings
from config.wiring.tasks import known_kinds
from foundation.mail.store import MAIL
from submission.forms.files import load_forms
from tests.support.rooms import KEYS
from tests.support.tasks import EFFECTS, KNOWN


def test_the_kinds_are_the_workers() -> None:
    """Those done in SQL, and those with an outside call."""
    settings = Settings(
        database_url="sqlite:///x", redis_url="redis://x", queue_redis_url="redis://x", secret_keys=KEYS,
        public_url="http://guichet.test",
    )  # fmt: skip
    known = known_kinds(settings, KNOWN, load_forms(PROGRAMMES / "forms", KNOWN))
    assert known >= {*map(str, EFFECTS), MAIL}
