"""Single requests at saturation: how many a second of the server's processor, beside an empty handler's."""

import re
import statistics
import time
from collections.abc import Sequence
from typing import Final, NamedTuple

from loadtests.bench.arrival.arrivals import EmptyHandler
from loadtests.bench.arrival.browser import PROBE, RequestKind, read_page, request
from loadtests.bench.arrival.plan import ROOM, ArrivalPlan
from loadtests.bench.arrival.processor import ServiceProcesses, processor_seconds
from loadtests.bench.arrival.saturation import saturate
from loadtests.bench.arrival.visitor import Visitor
from loadtests.journey.accounts import AccountPattern

SECONDS: Final = 0.8

ROUNDS: Final = 3

PEOPLE: Final = 200
"""Whose cookies take turns: nothing is answered from what was made for the same person a moment ago."""

ME: Final = "/api/v1/periods/demo/tickets/me"

CALLED: Final = 4
"""So many are called and have not signed in, and as many have."""

CALL_SECONDS: Final = 30.0

WARM_UP_SECONDS: Final = 0.3


class SingleRequest(NamedTuple):
    """A request that is sent over and over, for several people in turn, and the status of its answers."""

    what: str
    heads: list[bytes]
    status: int = 200


class RequestRates(NamedTuple):
    """Answers a second of the server's processor, round by round, and the empty handler's for the same heads."""

    what: str
    ours: list[float]
    bare: list[float]
    bytes_each: float

    @property
    def ratio(self) -> float:
        return statistics.median(one / two for one, two in zip(self.ours, self.bare, strict=True))


async def measure(
    requests: Sequence[SingleRequest], host: str, of: ServiceProcesses, bare: EmptyHandler
) -> list[RequestRates]:
    """All of them in turn, `ROUNDS` times, each beside the empty handler. Raises SystemExit for another status."""
    rates = [RequestRates(one.what, [], [], 0.0) for one in requests]
    for turn in range(ROUNDS):
        for place, (one, rate) in enumerate(zip(requests, rates, strict=True)):
            if not turn:
                await saturate(host, one.heads, one.status, WARM_UP_SECONDS)
            before = of.effort().web
            answers, received = await saturate(host, one.heads, one.status, SECONDS)
            rate.ours.append(answers / (of.effort().web - before))
            began = processor_seconds(bare.pid)
            beside, _ = await saturate(bare.host, one.heads, 201, SECONDS / 2)
            rate.bare.append(beside / (processor_seconds(bare.pid) - began))
            rates[place] = rate._replace(bytes_each=received / answers)
    return rates


def of_the_room(plan: ArrivalPlan, cookies: Sequence[bytes]) -> list[SingleRequest]:
    """The pages of the room, and the polls of those in it."""
    some = cookies[:PEOPLE]
    page = request(plan.host, ROOM)
    poll = request(plan.host, ME, RequestKind.FETCH, referer=ROOM)
    return [
        SingleRequest("the room page of a newcomer", [page.bytes()]),
        SingleRequest("the room page of somebody in line", [page.bytes(one) for one in some]),
        SingleRequest("a poll of tickets/me by cookie", [poll.bytes(one) for one in some]),
        SingleRequest(
            "a poll of tickets/me by Bearer",
            [poll.bytes(more=b"Authorization: Bearer %b\r\n" % ticket_of(one)) for one in some],
        ),
        SingleRequest("the home page", [request(plan.host, "/").bytes()]),
    ]


def ticket_of(cookies: bytes) -> bytes:
    """The signed ticket among these cookies. Raises SystemExit where there is none."""
    found = re.search(rb"ticket-demo=([^;]+)", cookies)
    if found is None:
        raise SystemExit(f"there is no ticket in {cookies!r}")
    return found[1].strip(b'"')


def of_files(plan: ArrivalPlan, url: str) -> list[SingleRequest]:
    """Each static file of an arrival, whole, and asked for with the mark of the copy that a browser has."""
    files = [one for one in plan.requests if one.is_file]
    found = [SingleRequest(one.what, [one.head.bytes()]) for one in files]
    with Visitor(url) as visitor:
        for one in files:
            mark = visitor.ask(one.head.bytes(), 200).header("etag")
            unchanged = one.head.bytes(more=f"If-None-Match: {mark}\r\n".encode())
            found.append(SingleRequest(f"{one.what}, 304", [unchanged], 304))
    return found


def of_the_called(url: str, host: str, accounts: AccountPattern) -> list[SingleRequest]:
    """The sign-in of somebody called, and the review of somebody called who has signed in."""
    called, signed_in = list[bytes](), list[bytes]()
    for index in range(CALLED * 2):
        with Visitor(url) as visitor:
            form = read_page(visitor.get(ROOM).text(), ROOM).form("/joindre")
            visitor.post(form.action, [(name, PROBE.get(name, value)) for name, value in form.fields], ROOM)
            _until_called(visitor)
            if index % 2:
                visitor.get(f"{ROOM}/connexion")
                called.append(visitor.cookies)
            else:
                _sign_in(visitor, accounts, index)
                visitor.get(f"{ROOM}/demande")
                signed_in.append(visitor.cookies)
    sign_in, review = (request(host, f"{ROOM}/{page}", referer=ROOM) for page in ("connexion", "demande"))
    return [
        SingleRequest("the review page, signed in and called", [review.bytes(one) for one in signed_in]),
        SingleRequest("the sign-in page of somebody called", [sign_in.bytes(one) for one in called]),
    ]


def _until_called(visitor: Visitor) -> None:
    deadline = time.monotonic() + CALL_SECONDS
    while b'"state":"called"' not in visitor.get(ME, kind=RequestKind.FETCH, referer=ROOM).text().encode():
        if time.monotonic() > deadline:
            raise SystemExit(f"nobody was called within {CALL_SECONDS:.0f} s")
        time.sleep(0.2)


def _sign_in(visitor: Visitor, accounts: AccountPattern, index: int) -> None:
    page = f"{ROOM}/connexion"
    form = read_page(visitor.get(page).text(), page).form("/connexion")
    known = PROBE | {"username": accounts.username % (accounts.first + index), "password": accounts.password}
    known |= {f"answer-{place}": answer for place, answer in enumerate(accounts.answers, 1)}
    visitor.post(form.action, [(name, known.get(name, value)) for name, value in form.fields], page)
