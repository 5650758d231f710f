"""The cookie by which a browser is known."""

from accounts.attempts.known_browsers import MOST_ACCOUNTS, KnownBrowsers
from tests.support.rooms import KEYS


def test_a_browser_is_known_for_the_accounts_that_signed_in_there() -> None:
    """For these and no others, the last eight; and for nobody after a change of one letter or of all keys."""
    ours = KnownBrowsers(KEYS)
    cookie = ours.after("", "anne")
    name = ours.known(cookie, "anne")
    assert name
    assert ours.known(cookie, "marc") is None
    for n in range(MOST_ACCOUNTS):
        cookie = ours.after(cookie, f"person-{n}")
    assert ours.known(cookie, "person-0") == name
    assert ours.known(cookie, "anne") is None
    assert ours.after(cookie, "person-3").count(".") == cookie.count(".")
    assert ours.known(cookie[:-3] + "AAA", "person-0") is None
    assert KnownBrowsers(("another key, long enough for anybody",)).known(cookie, "person-0") is None
    assert len(cookie) < 400
