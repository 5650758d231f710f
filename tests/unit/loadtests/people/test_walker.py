"""One person of a rehearsal, in a company that writes down what they ask for."""

import asyncio
import ssl
from collections import Counter
from collections.abc import Coroutine
from typing import Any

import msgspec

from loadtests.journey.personas import Persona
from loadtests.journey.plan import Plan
from loadtests.journey.states import JourneyEnd, PersonaKind, StepName
from loadtests.journey.steps import HangUp, Journey, JourneyAnswer, Listen, Lost, Outcome, Request, WatchFeed
from loadtests.people.walker import Walker
from loadtests.people.whole import ArrivalCounts
from loadtests.people.wire import ClientConnection

WAITING = {"number": 7, "state": "waiting", "ahead": 3, "as_of": "2026-06-13T12:30:00Z"}


class PlayedCompany:
    """Everybody of a process, without a network."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.host, self.port, self.netloc = "h", 1, "h:1"
        self.tls: ssl.SSLContext | None = None
        self.sockets = self.joins = self.frames = self.requests = self.lost = 0
        self.codes: Counter[str] = Counter()
        self.whole = ArrivalCounts()
        self.clock = 100.0
        self.ended: list[Outcome] = []

    def now(self) -> float:
        return self.clock

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        work.close()

    def address(self, place: int) -> tuple[str, int] | None:
        return None

    def finished(self, walker: Walker, outcome: Outcome) -> None:
        self.ended.append(outcome)


def person(company: PlayedCompany, way: Journey, plan: Plan | None = None) -> Walker:
    who = Persona(index=1, kind=PersonaKind.CANDIDATE, at=0.0, account=4, place=1, plan=plan or Plan())
    return Walker(company, who, way)


def asks(*names: StepName) -> Journey:
    for name in names:
        yield Request(name, "POST", "/x", {})
    yield HangUp()
    return Outcome(kind=JourneyEnd.LEFT)


def answered(status: int, **body: Any) -> JourneyAnswer:
    return JourneyAnswer(status, {}, {}, body)


async def test_a_number_is_kept_with_when_it_was_asked_for() -> None:
    """Asked, told, fresh; and its owner is present from then on."""
    company = PlayedCompany()
    walker = person(company, asks(StepName.JOIN, StepName.ME))
    walker.go(None)
    company.clock = 101.0
    walker.answered(answered(201, **WAITING))
    (stay,) = walker.witness.stays
    assert (stay.number, stay.asked, stay.told, stay.fresh) == (7, 100.0, 101.0, True)
    company.clock = 110.0
    walker.answered(answered(200, **WAITING | {"state": "called"}))
    assert stay.called == 110.0
    assert stay.present == [(101.0, 110.0)]
    assert (company.joins, company.requests) == (1, 2)
    assert company.ended == [Outcome(kind=JourneyEnd.LEFT)]


async def test_a_refusal_is_counted_by_its_code() -> None:
    """With the person and with everybody."""
    company = PlayedCompany()
    walker = person(company, asks(StepName.JOIN))
    walker.go(None)
    walker.answered(answered(503, code="unavailable"))
    assert walker.witness.refusals == company.codes == {"unavailable": 1}
    assert walker.witness.stays == []


async def test_no_answer_is_heard_of() -> None:
    """The journey goes on with that, and it is counted; a join after it is not known to be the first."""
    heard: list[object] = []

    def way() -> Journey:
        heard.append((yield Request(StepName.JOIN, "POST", "/x", {})))
        heard.append((yield Listen(1.0)))
        return Outcome(kind=JourneyEnd.LEFT)

    company = PlayedCompany()
    walker = person(company, way())
    walker.go(None)
    company.clock += 31.0
    walker.due()
    assert heard[0] == Lost("timeout")
    assert (company.lost, walker.witness.lost) == (1, 1)
    assert company.ended == [Outcome(kind=JourneyEnd.LEFT)]


async def test_a_fault_of_the_driver_ends_one_journey_only() -> None:
    """It is counted as a failure that says whose it is."""

    def way() -> Journey:
        yield HangUp()
        raise ValueError("oh")

    company = PlayedCompany()
    person(company, way()).go(None)
    assert company.ended == [Outcome(kind=JourneyEnd.FAILED, reason="the driver: ValueError: oh")]


async def test_another_position_is_not_passed_on_at_once() -> None:
    """It is kept as the last one shown; after two seconds the journey sees one again, and an end at once."""
    seen: list[object] = []

    def way() -> Journey:
        yield Request(StepName.JOIN, "POST", "/x", {})
        yield WatchFeed("/live", {})
        while True:
            seen.append((yield Listen(60.0)))

    company = PlayedCompany()
    walker = person(company, way())
    walker.go(None)
    walker.answered(answered(201, **WAITING))
    walker.feed = ClientConnection(walker)  # a line that is open; nothing here writes to it
    walker.opened()
    frame = msgspec.json.encode(WAITING | {"type": "position"})
    walker.received(frame)
    assert len(seen) == 1
    company.clock += 0.5
    walker.received(frame)
    assert (company.frames, walker.shown, len(seen)) == (2, frame, 1)
    company.clock += 3.0
    walker.received(frame)
    assert len(seen) == 2
    walker.received(msgspec.json.encode(WAITING | {"state": "drained", "type": "drained"}))
    assert len(seen) == 3
    assert walker.witness.drained == company.clock


async def test_a_whole_arrival_is_counted_to_its_first_frame() -> None:
    """The number is the feed's; asked with the button, told with its answer; a refused page has its code."""

    def way() -> Journey:
        yield Request(StepName.PAGE, "GET", "/p", {})
        yield Request(StepName.BUTTON, "POST", "/p/joindre", {}, form={"pointer": "fine"})
        yield Request(StepName.PLACE, "GET", "/p", {})
        yield WatchFeed("/live", {})
        while True:
            yield Listen(60.0)

    company = PlayedCompany()
    walker = person(company, way(), Plan(whole=True))
    walker.line = ClientConnection(walker)
    walker.line.size = 500
    walker.go(None)
    for status, seconds in ((200, 0.25), (303, 0.5), (200, 0.125)):
        company.clock += seconds
        walker.line = ClientConnection(walker)
        walker.line.size = 500
        walker.answered(JourneyAnswer(status, {}, {}))
    walker.feed = ClientConnection(walker)
    walker.opened()
    company.clock += 0.0625
    walker.received(msgspec.json.encode(WAITING | {"type": "position"}))
    (stay,) = walker.witness.stays
    assert (stay.number, stay.asked, stay.told, stay.fresh) == (7, 100.25, 100.75, True)
    counts = company.whole
    assert {step: list(took) for step, took in counts.took.items()} == {
        "page": [250], "button": [500], "place": [125], "number": [625], "feed": [62]
    }  # fmt: skip
    assert (counts.arrived, counts.requests, company.joins, walker.arrival) == (1, 4, 1, None)


async def test_a_page_of_refusal_is_counted_by_its_code() -> None:
    """Its words are for people; its status says which code a call would have had."""
    company = PlayedCompany()
    walker = person(company, asks(StepName.PAGE))
    walker.go(None)
    walker.answered(JourneyAnswer(503, {"retry-after": "2"}, {}))
    assert walker.witness.refusals == {"unavailable": 1}
