"""What the functions of submission work with, and what one request says about where it comes from."""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from accounts.services import AccountServices
from foundation.events import Events
from foundation.sql.database import Database
from quota.programmes import Programme
from server.requests import Incoming
from waitingroom.device import Probe, Verdict
from waitingroom.device_evidence import device_of
from waitingroom.tickets import Ticket, Tickets
from waitingroom.tokens import Tokens


class Visit(NamedTuple):
    """A request, and what its device is judged to be."""

    came: Incoming
    verdict: Verdict

    @property
    def cookies(self) -> Mapping[str, str]:
        return self.came.cookies

    def age_ms(self) -> int:
        return self.came.age_ms()


def visit_of(came: Incoming, probe: Probe | None = None) -> Visit:
    """The request with the verdict on its device. Whoever asks here brings the ticket of a join, where the device was
    judged for the first time."""
    return Visit(came, device_of(came, probe, admitted=True))


class SubmissionServices(msgspec.Struct, frozen=True, kw_only=True):
    """Made once a process, in `config/app.py`; pages and API call the same functions with it.

    `programmes` are by id.
    """

    accounts: AccountServices
    tickets: Tickets
    tokens: Tokens
    programmes: Mapping[str, Programme]
    events: Events

    @property
    def db(self) -> Database:
        return self.accounts.db

    def ticket(self, visit: Visit, period_id: str) -> Ticket | None:
        """The ticket that comes with a request: Bearer before the cookie. Whose period it is, its `uid` says."""
        text = visit.came.bearer or visit.cookies.get(f"ticket-{period_id}", "")
        return self.tickets.read(text)
