"""What a client keeps and sends: cookies, or a key and a ticket; and how often it asks again."""

from typing import Any

import pytest

from loadtests.journey.client import OUTAGE_SECONDS, SESSION_COOKIES, Asking, ContractClient
from loadtests.journey.plan import Plan
from loadtests.journey.promises import PromiseViolation
from loadtests.journey.states import StepName
from loadtests.journey.steps import JourneyAnswer, Lost, Reply, Request, Sleep

BUSY = JourneyAnswer(
    503,
    {"x-request-id": "1", "content-type": "application/problem+json", "retry-after": "7"},
    {},
    {"type": "t", "title": "t", "detail": "d", "status": 503, "code": "unavailable"},
)

GOOD = JourneyAnswer(200, {"x-request-id": "1"}, {"session": "s", "visitor": "v", "old": ""}, {})


class SteppedClock:
    """Seconds that go on as the client sleeps."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def client(clock: SteppedClock, **plan: Any) -> ContractClient:
    return ContractClient(Plan(**plan), clock, "http://h")


def driven(way: Asking, clock: SteppedClock, replies: list[Reply]) -> tuple[JourneyAnswer, list[float]]:
    """The answer in the end, and how long it slept each time; the last reply comes again and again."""
    slept: list[float] = []
    step = next(way)
    while True:
        if isinstance(step, Sleep):
            slept.append(step.seconds)
            clock.seconds += step.seconds
            reply: Reply = Lost("nothing to say")
        else:
            assert isinstance(step, Request)
            reply = replies.pop(0) if len(replies) > 1 else replies[0]
        try:
            step = way.send(reply)
        except StopIteration as over:
            return over.value, slept


def test_a_service_that_asks_for_patience_gets_it() -> None:
    """At least as long as it says, give or take, and then the same request again."""
    clock = SteppedClock()
    answer, slept = driven(client(clock).ask(StepName.ME, "GET", "/x"), clock, [BUSY, Lost("cut"), GOOD])
    assert answer == GOOD
    assert 7 * 0.7 <= slept[0] <= 7 * 1.3
    assert slept[1] <= 2 * 1.3


def test_a_service_that_stays_away_has_failed() -> None:
    """Twin: after five minutes that is P8."""
    clock = SteppedClock()
    with pytest.raises(PromiseViolation, match="P8: me was not answered"):
        driven(client(clock).ask(StepName.ME, "GET", "/x"), clock, [Lost("refused")])
    assert clock.seconds > OUTAGE_SECONDS


def test_a_browser_keeps_cookies_and_a_client_with_a_key_its_session_only() -> None:
    """A cookie that is taken back is gone."""
    clock = SteppedClock()
    browser, keyed = client(clock), client(clock, cookies=False, key="k")
    browser.cookies["old"] = "x"
    for one in (browser, keyed):
        one.ticket = "t"
        one.keep_cookies(GOOD)
    assert browser.cookies == {"session": "s", "visitor": "v"}
    assert keyed.cookies == {"session": "s"}
    sent = browser.headers(unsafe=True)
    assert (sent["Cookie"], sent["Origin"]) == ("session=s; visitor=v", "http://h")
    assert "Authorization" not in sent
    sent = keyed.headers(key=True)
    assert (sent["Authorization"], sent["Idempotency-Key"]) == ("Bearer t", "k")


@pytest.mark.parametrize("name", SESSION_COOKIES)
@pytest.mark.parametrize("cookies", [True, False])
def test_a_session_is_kept_by_either_of_its_names(name: str, cookies: bool) -> None:
    """Behind TLS it is called otherwise; a client with a key keeps it too, and sends it as it came."""
    client = ContractClient(Plan(seed=1, cookies=cookies), lambda: 0.0, "https://h")
    client.keep_cookies(JourneyAnswer(200, {}, {name: "s"}, {}))
    assert client.is_signed_in is True
    assert client.headers()["Cookie"] == f"{name}=s"
    client.keep_cookies(JourneyAnswer(204, {}, {name: ""}, None))
    assert client.cookies == {}
