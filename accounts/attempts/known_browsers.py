"""Device recognition: browsers in which a name signed in before have tries of their own (AC-08). No I/O.

A signed cookie names the browser at random, and holds a keyed digest for each of the last accounts that signed in
there. A neighbour at the same address who guesses at such an account has another budget, and so cannot delay its owner.
"""

import secrets
from collections.abc import Sequence

from accounts.identities import keyed
from foundation.signing import Seal, opened

COOKIE = "known"

LASTS_SECONDS = 180 * 86_400
"""A draft is kept for 90 days; twice that is longer than anybody works on one."""

MOST_ACCOUNTS = 8
"""A family of seven on one computer, and one more."""


class KnownBrowsers:
    """Writes and reads the cookie."""

    def __init__(self, secret_keys: Sequence[str]) -> None:
        self._secret = secret_keys[0]
        self._signer = Seal(secret_keys, "browser")

    def known(self, cookie: str, username: str) -> str | None:
        """The name of the browser in which this user name signed in before; None for any other."""
        name, accounts = self._read(cookie)
        return name if name and self._digest(name, username) in accounts else None

    def after(self, cookie: str, username: str) -> str:
        """The cookie after this user name signed in: the same browser, this account the last of its few."""
        name, accounts = self._read(cookie)
        name = name or secrets.token_urlsafe(16)
        mine = self._digest(name, username)
        kept = [account for account in accounts if account != mine][1 - MOST_ACCOUNTS :]
        return self._signer.seal(".".join((name, *kept, mine)))

    def _read(self, cookie: str) -> tuple[str, list[str]]:
        text = opened(self._signer, cookie)
        name, *accounts = text.split(".") if text else [""]
        return name, accounts

    def _digest(self, name: str, username: str) -> str:
        return keyed(self._secret, f"browser {name} {username}")[:24]
