"""What the candidate's part works with, and what one request says about where it comes from.

`Desk` is made once in the composition root and passed to every `routes(...)`; pages and API call the same functions.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from accounts.known_browsers import KnownBrowsers
from accounts.passwords import Hasher
from accounts.throttling import SourceBudgets
from foundation.events import Events
from foundation.sql.database import Database
from quota.programmes import Programme
from server.requests import Incoming
from waitingroom.device import Verdict
from waitingroom.device_evidence import Probe, device_of
from waitingroom.tickets import Ticket, Tickets
from waitingroom.tokens import Tokens


class Visit(NamedTuple):
    """A request, and what its device is judged to be."""

    came: Incoming
    verdict: Verdict

    @property
    def cookies(self) -> Mapping[str, str]:
        return self.came.cookies

    @property
    def address(self) -> str:
        return self.came.address

    def age_ms(self) -> int:
        return self.came.age_ms()


def visit_of(came: Incoming, probe: Probe | None = None) -> Visit:
    """The request with the verdict on its device."""
    return Visit(came, device_of(came, probe))


class Desk:
    """The services of the candidate's part. `secure` is whether cookies go over TLS only, `limited` whether tries of
    one source are counted over all accounts."""

    def __init__(
        self,
        *,
        db: Database,
        tickets: Tickets,
        tokens: Tokens,
        hasher: Hasher,
        programmes: Mapping[str, Programme],
        secret_keys: Sequence[str],
        secure: bool,
        events: Events | None = None,
        limited: bool = True,
    ) -> None:
        self.db = db
        self.tickets = tickets
        self.tokens = tokens
        self.hasher = hasher
        self.programmes = programmes
        self.secret = secret_keys[0]
        self.browsers = KnownBrowsers(secret_keys)
        self.tries = SourceBudgets(limited)
        self.secure = secure
        self.events = events or Events()
        self.submitting: Any = None
        """The submissions of this process, gathered: `submit` makes it with the first one."""

    def ticket(self, visit: Visit, period_id: str) -> Ticket | None:
        """The ticket that comes with a request: Bearer before the cookie. Whose period it is, its `uid` says."""
        text = visit.came.bearer or visit.cookies.get(f"ticket-{period_id}", "")
        return self.tickets.read(text)
