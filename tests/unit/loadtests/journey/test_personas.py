"""Who comes beside the candidates: each drawn from the seed and an index alone."""

from collections import Counter

import pytest

from loadtests.journey.personas import (
    FAMILY,
    accounts,
    families,
    kind_of,
    order_of_arrival,
    persona,
    phone,
    robot,
    robots,
)
from loadtests.journey.plan import Plan
from loadtests.journey.states import JourneyEnd, PersonaKind, StepName
from loadtests.journey.steps import Done, HangUp, JourneyAnswer, Outcome, Request
from loadtests.people.pages import PageLinks
from loadtests.people.scale import scaled


def test_everybody_comes_once_and_families_early() -> None:
    """The order is one of everybody, the same for the same seed, another for another."""
    people = 6_000
    places = order_of_arrival(people, 1)
    assert sorted(places) == list(range(people))
    assert places == order_of_arrival(people, 1)
    assert places != order_of_arrival(people, 2)
    assert all(place < people // 20 for place in places[: FAMILY * families(people)])


def test_the_same_seed_draws_the_same_people() -> None:
    """A person hangs on the seed and the index alone, not on which process plays them."""
    scale = scaled(3_000, 250, 20.0, 2)
    places = order_of_arrival(scale.people, 5)
    some = [persona(index, places[index], scale, 5) for index in range(0, 3_000, 3)]
    again = [persona(index, places[index], scale, 5) for index in range(0, 3_000, 3)]
    assert some == again
    assert some != [persona(index, places[index], scale, 6) for index in range(0, 3_000, 3)]


def test_kinds_come_in_their_shares() -> None:
    """One family of seven on one account, robots behind shared addresses, and an account for two in three."""
    people = 3_000
    scale = scaled(people, 250, 20.0, 2)
    places = order_of_arrival(people, 1)
    everybody = [persona(index, places[index], scale, 1) for index in range(people)]
    kinds = Counter(who.kind for who in everybody)
    assert kinds[PersonaKind.FAMILY] == FAMILY
    assert kinds[PersonaKind.ROBOT] == robots(people) == 3
    assert (kinds[PersonaKind.PHONE], kinds[PersonaKind.WATCHER], kinds[PersonaKind.MODEM]) == (120, 90, 60)
    assert {who.account for who in everybody if who.kind == "family"} == {0}
    assert all(who.account != 0 for who in everybody if who.kind != "family")
    assert len({who.account for who in everybody}) == pytest.approx(accounts(people), rel=0.02)
    assert len({who.place for who in everybody if who.kind == "robot"}) == 1
    assert kind_of(people - 1, people) == "candidate"


def good(code: int, **body: object) -> JourneyAnswer:
    kind = "application/problem+json" if code >= 400 else "application/json"
    return JourneyAnswer(code, {"x-request-id": "1", "content-type": kind, "retry-after": "1"}, {}, body)


NO = {
    "type": "/refus/device_refused",
    "title": "Non",
    "detail": "Non",
    "status": 403,
    "code": "device_refused",
}

REFUSED = JourneyAnswer(403, {"x-request-id": "1", "content-type": "application/problem+json"}, {}, NO)


@pytest.mark.parametrize(
    ("reply", "ends"),
    [
        (REFUSED, Outcome(kind=JourneyEnd.TURNED_AWAY, code="device_refused")),
        (
            good(201, number=4),
            Outcome(kind=JourneyEnd.FAILED, reason="DV-02: a telephone was answered with 201 None"),
        ),
        (
            good(403),
            Outcome(
                kind=JourneyEnd.FAILED,
                reason="P9: the refusal of phone lacks type, title, detail, status, code",
            ),
        ),
    ],
)
def test_a_phone_is_refused_or_a_promise_is_broken(reply: JourneyAnswer, ends: Outcome) -> None:
    """Whatever else a telephone is told breaks DV-02."""
    way = phone(Plan(key="k" * 32), "demo", "http://127.0.0.1", lambda: 0.0, PageLinks())
    assert isinstance(next(way), Request)
    with pytest.raises(StopIteration) as over:
        way.send(reply)
    assert over.value.value == ends


def test_a_phone_that_arrives_whole_loads_the_page_first() -> None:
    """As a telephone, so that the page has no button for it."""
    way = phone(Plan(key="k" * 32, whole=True), "demo", "http://127.0.0.1", lambda: 0.0, PageLinks())
    step = next(way)
    assert isinstance(step, Request)
    assert (step.name, step.headers["Sec-CH-UA-Mobile"]) == (StepName.PAGE, "?1")
    step = way.send(JourneyAnswer(200, {"x-request-id": "1"}, {}, '<img src="/static/a.svg">'))
    assert isinstance(step, Request)
    assert (step.name, step.path) == (StepName.FILE, "/static/a.svg")
    step = way.send(JourneyAnswer(200, {"x-request-id": "2"}, {}))
    assert isinstance(step, Request)
    assert step.name is StepName.PHONE


@pytest.mark.parametrize(("share", "least", "most"), [(0.0, 0, 0), (0.5, 440, 560), (1.0, 999, 999)])
def test_a_share_arrives_whole_and_the_people_are_the_same(share: float, least: int, most: int) -> None:
    """Robots never do; whatever else is drawn of a person hangs on the seed alone."""
    scale = scaled(1_000, 80, 20.0, 2)
    plain = [persona(index, index, scale, 3) for index in range(1_000)]
    drawn = [persona(index, index, scale, 3, share) for index in range(1_000)]
    whole = [who for who in drawn if who.plan.whole]
    assert least <= len(whole) <= most
    assert all(who.plan.cookies and who.kind is not PersonaKind.ROBOT for who in whole)
    assert [(who.at, who.plan.seed, who.account) for who in drawn] == [
        (who.at, who.plan.seed, who.account) for who in plain
    ]


def test_a_robot_asks_under_another_key_each_time() -> None:
    """It never looks at a page, and nothing it is told stops it before its end."""
    way = robot(Plan(), "demo", "http://127.0.0.1", joins=5)
    step, keys = next(way), []
    while not isinstance(step, HangUp):
        if isinstance(step, Request):
            keys.append(step.headers["Idempotency-Key"])
            step = way.send(good(429))
        else:
            step = way.send(Done())
    assert len(set(keys)) == 5
