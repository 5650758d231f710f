"""What one person of a rehearsal is told, kept for the judge: numbers, presence, the times of an arrival."""

from typing import Any, Protocol

import msgspec

from loadtests.journey.personas import Persona
from loadtests.journey.states import LIVE, PlaceState, StepName
from loadtests.journey.steps import JourneyAnswer, Request
from loadtests.people.whole import ArrivalCounts, ArrivalTimer
from loadtests.people.witness import Stay, Witness, WitnessedPresence

ASKS = (StepName.JOIN, StepName.BUTTON, StepName.ROBOT)
"""Requests for a number."""

SHOWS_PLACE = (StepName.JOIN, StepName.ME)
"""Requests whose answer is one's place."""


class CountingCompany(Protocol):
    """Where a person's news is counted, and their clock."""

    joins: int
    whole: ArrivalCounts

    def now(self) -> float:
        """Seconds since 1970 by the steady clock."""
        ...


class RecordKeeper:
    """One person's record, and what is shown to them."""

    __slots__ = ("arrival", "asked", "head", "polled", "presence", "shown", "throng", "who", "witness")

    def __init__(self, throng: CountingCompany, who: Persona) -> None:
        self.throng, self.who = throng, who
        self.witness = Witness(
            index=who.index, kind=who.kind, account=who.account, came=throng.now(), whole=who.plan.whole
        )
        self.arrival = ArrivalTimer(throng.whole) if who.plan.whole else None
        self.presence: WitnessedPresence | None = None
        self.asked: float | None = None
        self.shown = self.head = b""
        """The last position, as it came, and how those of this number begin."""
        self.polled = False

    def note(self, step: Request, answer: JourneyAnswer, body: dict[str, Any], now: float) -> None:
        """Keep what a join or a look at the line has said."""
        number = body.get("number")
        if isinstance(number, int):
            self.settle(number)
            if self.who.plan.polls:
                self.arrived()
        if step.name in ASKS and isinstance(number, int):
            if not any(stay.number == number for stay in self.witness.stays):
                asked = self.asked if self.asked is not None else now
                first_try = answer.status == 201 and self.witness.lost == 0
                stay = Stay(number=number, asked=asked, told=now, fresh=first_try)
                self.witness.stays.append(stay)
                self.presence = WitnessedPresence(stay) if step.name is StepName.JOIN else None
                self.throng.joins += 1
            self.asked = None
        if step.name in SHOWS_PLACE:
            self.told(str(body.get("state")), now)
            if body.get("state") == PlaceState.WAITING and self.who.plan.polls:
                self.shown, self.polled = msgspec.json.encode(body), True

    def settle(self, number: int) -> None:
        """The number that the button gave is known: its page said it in words, the first frame or look says it here."""
        arrival = self.arrival
        if arrival is None or arrival.settled or not arrival.told:
            return
        arrival.settled = True
        first_try = not arrival.lost and self.witness.lost == 0
        stay = Stay(number=number, asked=arrival.asked, told=arrival.told, fresh=first_try)
        self.witness.stays.append(stay)
        self.presence = WitnessedPresence(stay)
        self.throng.joins += 1

    def arrived(self) -> None:
        """From here on it is nobody's arrival any more."""
        if self.arrival is not None and self.arrival.settled:
            self.arrival.over()
            self.arrival = None

    def told(self, state: str, now: float, surely: bool = True) -> None:
        """The state of the number, as last heard."""
        if self.presence is None:
            return
        if state == PlaceState.WAITING:
            self.presence.seen(now, surely)
        elif state in LIVE:
            if self.presence.stay.called is None:
                self.presence.stay.called = now
                self.presence.end(now)
            self.shown = self.head = b""
        else:
            self.over(now)

    def over(self, now: float) -> None:
        if self.presence is not None:
            self.presence.end(now)
            self.presence.stay.ended = self.presence.stay.ended or now
            self.presence = None
        self.shown = self.head = b""
