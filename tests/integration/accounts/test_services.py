"""The services of accounts, as the composition root makes them."""

from accounts.attempts.throttling import ADDRESS, AttemptSource
from accounts.passwords import Hasher
from accounts.services import account_services
from foundation.sql.database import Database
from tests.support.candidates.refusals import refused_with
from tests.support.rooms import KEYS

NEW = "a new first key, long enough to sign"


def test_the_first_key_names_budgets_and_all_keys_know_browsers(sqlite_url: str) -> None:
    """After a rotation a browser is still known, by the cookie that the old key signed."""
    db, hasher = Database(sqlite_url), Hasher(threads=1)
    before = account_services(db, hasher, KEYS, secure=True)
    after = account_services(db, hasher, (NEW, *KEYS), secure=True)
    assert (before.secret, after.secret) == (KEYS[0], NEW)
    cookie = after.browsers.after("", "anne")
    assert after.browsers.known(cookie, "anne")
    assert before.browsers.known(cookie, "anne") is None
    hasher.close()


def test_switched_off_no_source_is_limited(sqlite_url: str) -> None:
    """As the demo has it; elsewhere an address has so many wrong tries over all accounts."""
    db, hasher = Database(sqlite_url), Hasher(threads=1)
    source = AttemptSource.address("192.0.2.1")
    for limited, code in ((True, "rate_limited"), (False, "")):
        budgets = account_services(db, hasher, KEYS, secure=False, limited=limited).budgets
        for _ in range(int(ADDRESS.at_once)):
            budgets.charge(source)
        assert refused_with(budgets.charge, source) == code
    hasher.close()
