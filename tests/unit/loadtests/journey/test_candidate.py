"""The simulated candidate: what it decides, and that it notices a broken promise.

The service here is a stand-in that plays the contract without any I/O, so that it can be made to break it; the same
journeys run against the real service in `make load` and in the demo's crowd.
"""

import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from loadtests.journey.candidate import journey
from loadtests.journey.client import OUTAGE_SECONDS
from loadtests.journey.plan import Plan, PlannedPerson, draw, straight
from loadtests.journey.states import JourneyEnd, StepName
from loadtests.journey.steps import (
    Closed,
    Done,
    FeedFrame,
    HangUp,
    JourneyAnswer,
    Listen,
    Lost,
    Outcome,
    Reply,
    Request,
    Silence,
    Sleep,
    Step,
    WatchFeed,
)

ORIGIN = "http://127.0.0.1:8000"

WHO = PlannedPerson("foule-00001", "un mot de passe", ("rouge", "Lévis"))

TOKEN_SECONDS = 600.0


class PlayedService:
    """The contract for one candidate, with a clock that only the candidate's own steps move."""

    def __init__(self, called_after: float = 60.0) -> None:
        self.now = 0.0
        self.called_at = called_after
        self.state = "waiting"
        self.number = 41
        self.asked: list[Request] = []
        self.bent: Callable[[Request, JourneyAnswer], Reply] = lambda _request, answer: answer
        self.closes_with: list[int] = []
        self.watched = 0
        self.watched_number = 0
        self.steps: list[Step] = []

    def take(self, step: Step) -> Reply:
        self.steps.append(step)
        match step:
            case Sleep():
                self.now += step.seconds
            case Request():
                self.asked.append(step)
                self.now += 0.01
                return self.bent(step, self.answer(step))
            case WatchFeed():
                self.watched += 1
                self.watched_number = self.number
            case Listen():
                return self.frame(step)
            case HangUp():
                pass
        return Done()

    def frame(self, step: Listen) -> Reply:
        if self.closes_with:
            return Closed(self.closes_with.pop(0))
        before = self.state
        self.now += min(step.seconds, 5.0)
        me = self.me() | {"number": self.watched_number}
        if self.state == before == "called":
            return Silence()
        return FeedFrame(me | {"type": "position" if self.state == "waiting" else self.state})

    def me(self) -> dict[str, Any]:
        if self.state == "waiting" and self.now >= self.called_at:
            self.state = "called"
        if self.state in ("called", "redeemed") and self.now >= self.called_at + TOKEN_SECONDS:
            self.state = "lapsed"
        me: dict[str, Any] = {
            "number": self.number,
            "state": self.state,
            "ahead": 3 if self.state == "waiting" else 0,
            "waiting": 9,
            "estimated_wait_seconds": [10, 40],
            "as_of": at(self.now),
            "next_poll_seconds": 5,
            "paused": False,
            "notice": None,
            "server_time": at(self.now),
        }
        if self.state in ("called", "redeemed"):
            me |= {"token": "a.b.c", "expires_at": at(self.called_at + TOKEN_SECONDS)}
        if self.state == "submitted":
            me["receipt"] = "R-1"
        return me

    def answer(self, asked: Request) -> JourneyAnswer:
        match (asked.name, asked.method):
            case ("page", _):
                return JourneyAnswer(200, {"x-request-id": "1"}, {"visitor": "v"})
            case ("join", _):
                return self.join()
            case ("leave", _):
                self.state = "left"
                return good(204)
            case ("sign in", _):
                assert asked.json is not None
                if asked.json["password"] != WHO.password:
                    return no(401, "bad_credentials", **{"www-authenticate": "Session"})
                self.state = "redeemed"
                return good(200, {"username": WHO.username, "expires_at": at(self.now)}, session="s")
            case ("submit", _):
                return self.submit()
            case ("submission", _):
                document = {"kind": "confirmation", "title": "t", "created_at": at(self.now), "href": "/d"}
                return good(
                    200, {"receipt": "R-1", "rank": 7, "status": "s", "history": [], "documents": [document]}
                )
        return good(200, self.me())

    def join(self) -> JourneyAnswer:
        status = 200 if any(request.name == "join" for request in self.asked[:-1]) else 201
        if self.state in ("lapsed", "left", "submitted"):
            status, self.number, self.state, self.called_at = 201, self.number + 100, "waiting", self.now + 60
        return good(status, self.me() | {"ticket": "t"}, **{"ticket-demo": "t"})

    def submit(self) -> JourneyAnswer:
        self.me()
        if self.state == "lapsed":
            return no(410, "token_expired")
        status = 200 if self.state == "submitted" else 201
        self.state = "submitted"
        return good(status, {"receipt": "R-1", "rank": 7, "submitted_at": at(0), "pay_by": at(9)})


def at(seconds: float) -> str:
    return datetime.fromtimestamp(1_800_000_000 + seconds, UTC).isoformat(timespec="milliseconds")


def good(status: int, body: Any = None, **cookies: str) -> JourneyAnswer:
    return JourneyAnswer(status, {"x-request-id": "1", "content-type": "application/json"}, cookies, body)


def no(status: int, code: str, **headers: str) -> JourneyAnswer:
    body = {"type": f"/refus/{code}", "title": "Non", "detail": "Parce que", "status": status, "code": code}
    kind = {"x-request-id": "1", "content-type": "application/problem+json"}
    return JourneyAnswer(status, kind | headers, {}, body)


def travel(plan: Plan, service: PlayedService) -> Outcome:
    way = journey(WHO, plan, lambda: service.now, origin=ORIGIN)
    try:
        step = next(way)
        for _ in range(10_000):
            step = way.send(service.take(step))
    except StopIteration as arrived:
        outcome: Outcome = arrived.value
        return outcome
    raise AssertionError("the journey does not end")


def changed(name: str, **fields: Any) -> Callable[[Request, JourneyAnswer], Reply]:
    """From the second answer of this name on, these fields of the body are others."""
    seen = Counter[str]()

    def bend(asked: Request, answer: JourneyAnswer) -> Reply:
        seen[asked.name] += 1
        if asked.name != name or seen[name] < 2 or not isinstance(answer.body, dict):
            return answer
        return JourneyAnswer(answer.status, answer.headers, answer.cookies, answer.body | fields)

    return bend


def instead(name: str, reply: Reply, times: int = 10_000) -> Callable[[Request, JourneyAnswer], Reply]:
    left = [times]

    def bend(asked: Request, answer: JourneyAnswer) -> Reply:
        if asked.name != name or not left[0]:
            return answer
        left[0] -= 1
        return reply

    return bend


def test_somebody_who_goes_straight_through_has_a_receipt() -> None:
    """Page, number, call, sign-in, submission, the same receipt again, and the confirmation."""
    service = PlayedService()
    outcome = travel(straight(random.Random(1)), service)
    assert outcome == Outcome(kind=JourneyEnd.SUBMITTED, number=41, receipt="R-1", rank=7)
    names = [request.name for request in service.asked]
    assert names == ["page", "join", "join", "sign in", "me", "submit", "submit", "me", "submission"]


def test_a_browser_sends_its_cookies_and_its_origin() -> None:
    """Every unsafe request with a cookie says where it comes from; nothing carries a Bearer ticket."""
    service = PlayedService()
    travel(straight(random.Random(1)), service)
    for request in service.asked[1:]:
        assert request.headers["Cookie"].startswith("visitor=v")
        assert ("Origin" in request.headers) == (request.method != "GET")
        assert "Authorization" not in request.headers
        assert "Idempotency-Key" not in request.headers


def test_a_client_without_cookies_sends_a_key_and_its_ticket() -> None:
    """The join carries the key, everything after it the ticket; only the session is a cookie."""
    service = PlayedService()
    assert travel(Plan(cookies=False, key="k" * 32), service).kind == "submitted"
    join, *others = service.asked
    assert join.headers["Idempotency-Key"] == "k" * 32
    assert "Authorization" not in join.headers
    assert all(request.headers["Authorization"] == "Bearer t" for request in others)
    assert others[-1].headers["Cookie"] == "session=s"


def test_a_drawn_crowd_ends_in_believable_proportions() -> None:
    """Over 600 seeds nobody fails; three to five in six submit, and every other end is seen too."""
    ends = Counter(
        travel(draw(random.Random(seed)), PlayedService(called_after=180.0)).kind for seed in range(600)
    )
    assert ends[JourneyEnd.FAILED] == ends[JourneyEnd.REFUSED] == 0
    assert 480 <= ends[JourneyEnd.SUBMITTED] <= 540
    assert ends[JourneyEnd.LEFT] > 20
    assert ends[JourneyEnd.LAPSED] > 20


def test_who_lets_the_token_lapse_gets_a_new_number_behind() -> None:
    """After a lapse the plan may join again, once."""
    assert travel(Plan(lapses=True), PlayedService()) == Outcome(kind=JourneyEnd.LAPSED, number=41)
    assert travel(Plan(lapses=True, comes_back=True), PlayedService()) == Outcome(
        kind=JourneyEnd.LAPSED, number=141
    )


def test_who_is_slow_loses_the_token_without_a_complaint() -> None:
    """A submission after the end is refused, and that is a lapse."""
    assert travel(Plan(typing=300.0, review=400.0), PlayedService()).kind == "lapsed"


def test_who_leaves_says_so_twice() -> None:
    """Leaving is repeatable, in the line and after the call."""
    for plan in (Plan(patience=10.0), Plan(gives_back=True)):
        service = PlayedService()
        assert travel(plan, service).kind == "left"
        assert [request.name for request in service.asked].count(StepName.LEAVE) == 2


def test_a_dropped_socket_is_opened_again() -> None:
    """After a restart (1012) and after a break (1006) the candidate asks where it is and watches again."""
    service = PlayedService()
    service.closes_with = [1012, 1006]
    assert travel(Plan(drops_after=20.0, away=30.0), service).kind == "submitted"
    assert service.watched == 4


@pytest.mark.parametrize("name", ["page", "join", "me", "sign in", "submit"])
def test_an_outage_is_waited_out(name: str) -> None:
    """A lost answer and a 503 are repeated until the service is back, with a pause in between."""
    for reply in (Lost("reset"), no(503, "unavailable", **{"retry-after": "2"})):
        service = PlayedService()
        service.bent = instead(name, reply, times=3)
        assert travel(Plan(polls=True, repeats=True), service).kind == "submitted"


def test_a_service_that_never_comes_back_has_failed() -> None:
    """After five minutes the journey ends, and says what it waited for."""
    service = PlayedService()
    service.bent = instead("join", Lost("refused"))
    outcome = travel(Plan(), service)
    assert (outcome.kind, outcome.reason) == (
        "failed",
        f"P8: join was not answered for {OUTAGE_SECONDS:.0f} s",
    )


def shortened(_asked: Request, answer: JourneyAnswer) -> Reply:
    """After the sign-in the token ends 400 s sooner than it was said to."""
    if not isinstance(answer.body, dict) or answer.body.get("state") != "redeemed":
        return answer
    return JourneyAnswer(
        answer.status, answer.headers, answer.cookies, answer.body | {"expires_at": at(260.0)}
    )


BROKEN: dict[str, tuple[str, Callable[[Request, JourneyAnswer], Reply]]] = {
    "the number changes": ("P1", changed("join", number=42)),
    "the number changes in the line": ("P1", changed("me", number=42)),
    "more are ahead than there can be": ("P7", changed("me", ahead=41)),
    "ahead is less than none": ("P7", changed("me", ahead=-1)),
    "the called one waits again": ("P8", instead("me", good(200, PlayedService().me()))),
    "the ticket is not recognised": ("P8", instead("me", no(401, "no_ticket", **{"www-authenticate": "T"}))),
    "the end comes nearer": ("P5", shortened),
    "the receipt is another": ("P3", changed("submit", receipt="R-2")),
    "the rank is another": ("P3", changed("submit", rank=8)),
    "accepted without a receipt": ("P3", instead("submit", good(201, {"rank": 1}))),
    "the token ends early": ("P5", instead("submit", no(410, "token_expired"))),
    "the place is not held": ("P6", instead("submit", no(410, "quota_reached"))),
    "no document comes": (
        "P3",
        instead("submission", good(200, {"receipt": "R-1", "rank": 7, "documents": []})),
    ),
    "a document comes twice": (
        "P3",
        instead(
            "submission",
            good(200, {"receipt": "R-1", "rank": 7, "documents": [{"kind": "c"}, {"kind": "c"}]}),
        ),
    ),
    "a refusal without a code": ("P9", instead("join", JourneyAnswer(409, {"x-request-id": "1"}, {}, None))),
    "a refusal with a foreign code": ("P9", instead("join", no(409, "because"))),
    "a refusal that says another status": (
        "P9",
        instead(
            "join",
            JourneyAnswer(
                410, *[getattr(no(409, "not_found"), part) for part in ("headers", "cookies", "body")]
            ),
        ),
    ),
    "a fault of the service": ("contract", instead("join", good(500))),
    "429 without Retry-After": ("contract", instead("join", no(429, "rate_limited"))),
    "401 without WWW-Authenticate": ("contract", instead("sign in", no(401, "no_token"))),
    "no request id": ("contract", instead("page", JourneyAnswer(200, {}, {}))),
    "polls asked for too rarely": ("contract", changed("me", next_poll_seconds=60)),
    "an instant without an offset": ("contract", changed("me", server_time="2026-06-13T12:30:00")),
}


@pytest.mark.parametrize("how", list(BROKEN))
def test_a_broken_promise_is_named(how: str) -> None:
    """Whatever the service breaks, the journey ends as failed and says which promise it was."""
    promise, bend = BROKEN[how]
    service = PlayedService()
    service.bent = bend
    plan = Plan(polls=how != "the called one waits again", second_tab=True, repeats=True, reads=True)
    outcome = travel(plan, service)
    assert outcome.kind == "failed"
    assert (outcome.reason or "").startswith(f"{promise}: ")


def test_the_stand_in_keeps_every_promise_when_it_is_not_bent() -> None:
    """The twin of the test above: with nothing bent the same plan goes through."""
    for polls in (True, False):
        assert (
            travel(Plan(polls=polls, second_tab=True, repeats=True, reads=True), PlayedService()).kind
            == "submitted"
        )


def test_a_refusal_at_the_door_ends_the_journey_with_its_code() -> None:
    """A phone is sent away; a full intake says that it is full."""
    for reply, expected in (
        (no(403, "device_refused"), Outcome(kind=JourneyEnd.REFUSED, code="device_refused")),
        (no(410, "quota_reached"), Outcome(kind=JourneyEnd.QUOTA_REACHED)),
    ):
        service = PlayedService()
        service.bent = instead("join", reply)
        assert travel(Plan(), service) == expected
