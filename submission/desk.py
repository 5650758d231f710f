"""What the candidate's part works with, and what one request says about where it comes from.

`Desk` is made once in the composition root and passed to every `routes(...)`; pages and API call the same functions.
"""

import time
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec
from starlette.requests import Request, cookie_parser

from accounts.known_browsers import KnownBrowsers
from accounts.passwords import Hasher
from accounts.throttling import SourceBudgets
from foundation.events import Events
from foundation.sql.database import Database
from quota.programmes import Programme
from server.requests import WholeRequest, bearer, bearer_in, client_address, network, received_age_ms
from waitingroom import device
from waitingroom.device import Verdict
from waitingroom.device_evidence import Probe, device_of, probed
from waitingroom.tickets import Ticket, Tickets
from waitingroom.tokens import Tokens


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """One request without its body: cookies, ticket, device, address, and when its last byte arrived.

    `arrived` is by `time.monotonic`, in seconds.
    """

    cookies: Mapping[str, str]
    bearer: str | None
    address: str
    verdict: Verdict
    arrived: float

    def age_ms(self) -> int:
        """Milliseconds since the request was here: the wait for a lock is not held against anybody (SW-01)."""
        return max(0, round((time.monotonic() - self.arrived) * 1000))


def visit_of(request: Request, probe: Probe | None = None) -> Visit:
    """What a request carries besides its body."""
    return Visit(
        cookies=request.cookies,
        bearer=bearer(request),
        address=client_address(request),
        verdict=device_of(request, probe),
        arrived=time.monotonic() - received_age_ms(request) / 1000,
    )


def visit_in(came: WholeRequest, probe: Probe | None) -> Visit:
    """The same, from a request that takes the quick way: it was whole when it came."""

    def header(name: bytes, longest: int | None = None) -> str:
        return came.headers.get(name, b"")[:longest].decode("latin-1")

    return Visit(
        cookies=cookie_parser(header(b"cookie")),
        bearer=bearer_in(header(b"authorization")),
        address=network(came.host),
        verdict=_judged(
            header(b"user-agent", device.LONGEST_AGENT),
            header(b"sec-ch-ua-mobile", device.LONGEST_HINT),
            header(b"sec-ch-ua-platform", device.LONGEST_HINT),
            *probed(probe),
        ),
        arrived=time.monotonic(),
    )


@lru_cache(4096)
def _judged(agent: str, mobile: str, platform: str, touch_points: int | None, pointer: str) -> Verdict:
    """May this device apply, and the evidence. Remembered: a crowd has few browsers."""
    return device.verdict(agent, mobile, platform, touch_points, pointer)


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
        text = visit.bearer or visit.cookies.get(f"ticket-{period_id}", "")
        return self.tickets.read(text)
