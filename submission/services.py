"""What the functions of submission work with, and what one request says about where it comes from."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import msgspec

from accounts.services import AccountServices
from foundation.encryption.fields import FieldCipher
from foundation.events import Events
from foundation.sql.database import Database
from quota.programmes import Programme
from server.cookies import cookie_of
from server.requests import Incoming
from submission.drafts.encryption import DraftCiphers
from submission.forms.files import Forms
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


def nothing_stopped(period_id: str) -> bool:
    """No stop is known that SQL has not recorded: what a process without a line says."""
    return False


class SubmissionServices(msgspec.Struct, frozen=True, kw_only=True):
    """Made once a process, in `config/app.py`; pages and API call the same functions with it.

    `programmes` are by id, `forms` those that they use; `drafts` opens what was filled in; `seals` seals what is signed
    (`signing/frozen.py`). `stopped` says whether a period of this name was stopped in a way that SQL may not yet know
    of (ADR 0023).
    """

    accounts: AccountServices
    tickets: Tickets
    tokens: Tokens
    programmes: Mapping[str, Programme]
    forms: Forms
    drafts: DraftCiphers
    events: Events
    seals: FieldCipher
    stopped: Callable[[str], bool] = nothing_stopped

    @property
    def db(self) -> Database:
        return self.accounts.db

    def ticket(self, visit: Visit, period_id: str) -> Ticket | None:
        """The ticket that comes with a request: Bearer before the cookie. Whose period it is, its `uid` says."""
        return self.ticket_in(visit.came, period_id)

    def ticket_in(self, came: Incoming, period_id: str) -> Ticket | None:
        """The same where nobody asks for the device."""
        text = came.bearer or cookie_of(came.cookies, f"ticket-{period_id}") or ""
        return self.tickets.read(text)
