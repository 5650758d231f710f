"""What one request says about where it comes from."""

from typing import Any, cast

import pytest

from foundation.events import Events
from server.requests import Incoming
from submission.drafts.encryption import DraftCiphers
from submission.forms.files import Forms
from submission.services import SubmissionServices, visit_of
from submission.signing import frozen
from tests.support.desks import COMPUTER, visit
from tests.support.rooms import KEYS
from waitingroom.device import Probe
from waitingroom.tickets import Ticket, Tickets
from waitingroom.tokens import Tokens

TICKETS = Tickets(KEYS)

ONE, OTHER = (TICKETS.issue(Ticket("u1", number, "v")) for number in (1, 2))

SAFARI = (
    b"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    b"Version/17.4 Safari/605.1.15"
)


@pytest.mark.parametrize(
    ("cookies", "bearer", "number"),
    [
        ({"ticket-essai": ONE}, None, 1),
        ({"ticket-essai": ONE}, OTHER, 2),
        ({}, OTHER, 2),
        ({"ticket-suite": ONE}, None, None),
        ({"ticket-essai": "forged"}, None, None),
        ({"ticket-essai": ONE}, "forged", None),  # what is sent on purpose is not put right by a cookie
    ],
)
def test_a_ticket_sent_as_bearer_counts_before_the_cookie(
    cookies: dict[str, str], bearer: str | None, number: int | None
) -> None:
    """The cookie is that of the period that is asked for, and of no other."""
    services = SubmissionServices(
        accounts=cast(Any, None), tickets=TICKETS,
        tokens=Tokens(KEYS, "http://guichet.test"), programmes={}, forms=Forms([]), drafts=DraftCiphers(KEYS),
        events=Events(), seals=frozen.cipher(KEYS),
    )  # fmt: skip
    found = services.ticket(visit(cookies, bearer=bearer, verdict=COMPUTER), "essai")
    assert (None if found is None else found.number) == number


@pytest.mark.parametrize(
    ("probe", "allowed"), [(None, True), (Probe(0, "fine"), True), (Probe(5, "coarse"), False)]
)
def test_a_visit_has_the_verdict_on_its_device(probe: Probe | None, allowed: bool) -> None:
    """By its headers, and by what its script saw (DV-03): a tablet that poses as a computer is found out."""
    came = Incoming({"client": ("192.0.2.1", 1)}, headers={b"user-agent": SAFARI})
    assert visit_of(came, probe).verdict.allowed is allowed


def test_a_computer_of_the_line_stays_one_at_its_turn() -> None:
    """Who was called was judged at the join: another pointer than at the join refuses nobody, and is kept on record."""
    linux = b"Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0"
    came = Incoming({"client": ("192.0.2.1", 1)}, headers={b"user-agent": linux})
    folded = visit_of(came, Probe(5, "coarse", "coarse", "none")).verdict
    assert (folded.allowed, folded.family) == (True, "linux")
    assert folded.evidence["contradiction"] == "admitted as linux, then seen as tablet"
