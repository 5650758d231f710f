"""Who comes beside the candidates, and the people of a rehearsal: each drawn from the seed and an index alone. Pure."""

import random
from collections.abc import Generator
from typing import Any

import msgspec

from loadtests.journey.candidate import journey
from loadtests.journey.plan import AGENTS, Plan, PlannedPerson, draw
from loadtests.journey.promises import PromiseViolation, check_answer
from loadtests.journey.states import JourneyEnd, PersonaKind, Pledge, RefusalCode, StepName
from loadtests.journey.steps import (
    Clock,
    HangUp,
    Journey,
    JourneyAnswer,
    Lost,
    Outcome,
    Reply,
    Request,
    Sleep,
    Step,
)
from loadtests.journey.visit import PageVisitor
from loadtests.people.pages import PageLinks
from loadtests.people.scale import Scale, arrival

FAMILY = 7

MODEM_BYTES_PER_SECOND = 7_000
"""56 kbit/s."""

SHARES = {PersonaKind.PHONE: 0.04, PersonaKind.WATCHER: 0.03, PersonaKind.MODEM: 0.02}
"""Of all people; the rest are candidates."""

PEOPLE_A_FAMILY = 3_000

PEOPLE_A_ROBOT = 1_000

ROBOTS_AN_ADDRESS = 30

ROBOT_JOINS = 200

ROBOTS_COME = (0.15, 0.02)
"""All of them at once, when this share of the people has come: more than the limits let one address ask for."""

PEOPLE_A_CAFE = 40

CAFES = 0.04
"""So many of all people sit in a cybercafé or a university: behind an address that they share with 39 others."""

PEOPLE_AN_ACCOUNT = 60_000 / 41_000
"""In June 2016 some 60,000 connections came for 41,000 accounts."""

PAGES = 0.25
"""So many of those who do not arrive whole load the page first; the others begin with a call for a number."""

POLLS = 0.02

PHONE = (
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/137.0.0.0 Mobile Safari/537.36"
)

ROBOT = AGENTS[0][2]

AT_THE_DOOR = (RefusalCode.DEVICE_REFUSED, RefusalCode.QUOTA_REACHED, RefusalCode.PERIOD_CLOSED)
"""What a telephone may be told."""


class Persona(msgspec.Struct, frozen=True, kw_only=True):
    """One of the people: what they are, when they come (seconds after the opening), what they will do, and from where.

    `account` counts from 0. `place` is a small number for the address they come from.
    """

    index: int
    kind: PersonaKind
    at: float
    account: int
    place: int
    plan: Plan


def families(people: int) -> int:
    return max(1, people // PEOPLE_A_FAMILY) if people >= 2 * FAMILY else 0


def robots(people: int) -> int:
    return max(1, people // PEOPLE_A_ROBOT) if people >= 100 else 0


def accounts(people: int) -> int:
    """How many accounts so many people have between them."""
    return max(1, round(people / PEOPLE_AN_ACCOUNT))


def kind_of(index: int, people: int) -> PersonaKind:
    """The families first, then the robots, phones, watchers and modems in their shares, then candidates."""
    at = FAMILY * families(people)
    if index < at:
        return PersonaKind.FAMILY
    at += robots(people)
    if index < at:
        return PersonaKind.ROBOT
    for kind, share in SHARES.items():
        at += round(share * people)
        if index < at:
            return kind
    return PersonaKind.CANDIDATE


def order_of_arrival(people: int, seed: int) -> list[int]:
    """The place of each index in the order in which they come; families are among the first twentieth."""
    places = list(range(people))
    random.Random(f"{seed} arrivals").shuffle(places)
    of_families = FAMILY * families(people)
    early = max(of_families, people // 20)
    where = {place: index for index, place in enumerate(places)}
    for index in range(of_families):
        # Changed with whoever has an early place; both orders are as good as the other.
        other = where[early * index // of_families]
        where[places[index]], where[places[other]] = other, index
        places[index], places[other] = places[other], places[index]
    return places


def persona(index: int, place: int, scale: Scale, seed: int, whole: float = 0.0) -> Persona:
    """The one with this index, who comes as number `place` of all (from 0). `whole`: the share of those who are no
    robots that arrive as browsers do, with pages and files."""
    people = scale.people
    rng = random.Random(f"{seed} {index}")
    kind = kind_of(index, people)
    share = (place + rng.random()) / people
    if kind is PersonaKind.ROBOT:
        share = ROBOTS_COME[0] + ROBOTS_COME[1] * rng.random()
    at = arrival(share, scale.expected_seconds)
    plan = bent(draw(rng, scale.time_scale), kind, rng, scale)
    # Drawn apart, so that the same seed draws the same people whatever the share.
    if kind is not PersonaKind.ROBOT and random.Random(f"{seed} {index} whole").random() < whole:
        plan = msgspec.structs.replace(plan, whole=True, cookies=True)
    own, shared = families(people), accounts(people)
    if kind is PersonaKind.FAMILY:
        account = index // FAMILY
    elif index < shared:
        account = index
    else:
        account = rng.randrange(own, shared) if shared > own else 0
    place_of = index
    if kind is PersonaKind.ROBOT:
        place_of = people + index // ROBOTS_AN_ADDRESS
    elif rng.random() < CAFES:
        place_of = 2 * people + rng.randrange(max(1, round(CAFES * people / PEOPLE_A_CAFE)))
    return Persona(index=index, kind=kind, at=at, account=account, place=place_of, plan=plan)


def bent(plan: Plan, kind: PersonaKind, rng: random.Random, scale: Scale) -> Plan:
    """The drawn plan, spread over a whole day: people drop out and lose patience at any time, not after a minute."""
    day = scale.expected_seconds
    # Papers are looked for in the books, at the end: within a minute of a day that is over in minutes says nothing.
    changes: dict[str, Any] = {"cookies": rng.random() < PAGES, "polls": rng.random() < POLLS, "reads": False}
    if plan.drops_after is not None:
        changes["drops_after"] = rng.uniform(0.0, 0.5 * day)
        # One in five stays away for longer than anybody counts as present, which no time scale makes shorter.
        changes["away"] = rng.uniform(80.0, 120.0) if rng.random() < 0.2 and day > 200 else plan.away
    if plan.patience is not None:
        changes["patience"] = rng.uniform(0.02, 0.6) * day
    if kind is PersonaKind.WATCHER:
        changes |= {"lapses": True, "comes_back": False}
    if kind is PersonaKind.FAMILY:
        changes |= {"patience": None, "drops_after": None, "lapses": False, "gives_back": False}
    return msgspec.structs.replace(plan, **changes)


# The journeys of those who are no candidates


class PhoneVisitor(PageVisitor):
    """Somebody with a telephone."""

    def headers(self, *, unsafe: bool = False, key: bool = False) -> dict[str, str]:
        headers = super().headers(unsafe=unsafe, key=key)
        return headers | {
            "User-Agent": PHONE,
            "Sec-CH-UA-Mobile": "?1",
            "Sec-CH-UA-Platform": '"Android"',
        }


def phone(plan: Plan, period: str, origin: str, clock: Clock, links: PageLinks) -> Journey:
    """Opens the page, which has no button for a telephone, asks for a number all the same, and is told why it cannot
    have one (DV-02)."""
    headers = {"User-Agent": PHONE, "Accept": "application/json", "Accept-Language": "fr-CA,fr;q=0.9"}
    headers |= {"Sec-CH-UA-Mobile": "?1", "Sec-CH-UA-Platform": '"Android"', "Idempotency-Key": plan.key}
    if plan.whole:
        try:
            yield from PhoneVisitor(plan, clock, period, origin, links).load(StepName.PAGE)
        except PromiseViolation as broken:
            return Outcome(kind=JourneyEnd.FAILED, reason=str(broken))
    body = {"device": {"touch_points": 5, "pointer": "coarse"}}
    rng = random.Random(plan.seed)
    for _ in range(20):
        reply = yield Request(StepName.PHONE, "POST", f"/api/v1/periods/{period}/tickets", headers, body)
        if isinstance(reply, JourneyAnswer):
            try:
                check_answer(StepName.PHONE, reply)
            except PromiseViolation as broken:
                return Outcome(kind=JourneyEnd.FAILED, reason=str(broken))
            if reply.status not in (429, 503):
                break
        yield Sleep(rng.uniform(1.0, 3.0))
    else:
        return Outcome(kind=JourneyEnd.FAILED, reason=f"{Pledge.P8}: a telephone was never answered")
    code = reply.body.get("code") if isinstance(reply.body, dict) else None
    if code in AT_THE_DOOR:
        return Outcome(kind=JourneyEnd.TURNED_AWAY, code=code)
    return Outcome(
        kind=JourneyEnd.FAILED,
        reason=f"{Pledge.NO_PHONES}: a telephone was answered with {reply.status} {code}",
    )


def robot(plan: Plan, period: str, origin: str, joins: int = ROBOT_JOINS) -> Journey:
    """Asks for one number after the other, each under another key, and waits for nothing; ends as `robot`."""
    rng = random.Random(plan.seed)
    for _ in range(joins):
        headers = {
            "User-Agent": ROBOT,
            "Accept": "application/json",
            "Idempotency-Key": f"{rng.getrandbits(128):032x}",
        }
        reply = yield Request(StepName.ROBOT, "POST", f"/api/v1/periods/{period}/tickets", headers, {})
        if isinstance(reply, JourneyAnswer) and reply.status == 410:
            break
        yield Sleep(rng.uniform(0.01, 0.1) if not isinstance(reply, Lost) else 1.0)
    yield HangUp()
    return Outcome(kind=JourneyEnd.ROBOT)


def way_of(
    who: Persona, person: PlannedPerson, clock: Clock, *, period: str, origin: str, links: PageLinks
) -> Generator[Step, Reply, Outcome]:
    """The journey that this persona takes."""

    if who.kind is PersonaKind.PHONE:
        return phone(who.plan, period, origin, clock, links)
    if who.kind is PersonaKind.ROBOT:
        return robot(who.plan, period, origin)
    return journey(person, who.plan, clock, period=period, origin=origin, links=links)
