"""The weeks before, step by step: what the journey holds the service to. The service itself is in the tier above."""

import itertools
from typing import Any

import pytest

from loadtests.journey.plan import Plan
from loadtests.journey.preparing import newcomer, preparation, saving
from loadtests.journey.states import JourneyEnd, StepName
from loadtests.journey.steps import Done, Journey, JourneyAnswer, Outcome, Reply, Request, Step

FORM = {"version": "1", "sections": [{"id": "contact", "fields": [{"id": "city", "type": "text"}]}]}


def answer(status: int, body: Any) -> JourneyAnswer:
    kind = "application/problem+json" if status >= 400 else "application/json"
    return JourneyAnswer(status, {"x-request-id": "1", "content-type": kind}, {}, body)


def problem(status: int, code: str, **fields: Any) -> JourneyAnswer:
    return answer(
        status, {"type": "/x", "title": "x", "detail": "x", "status": status, "code": code} | fields
    )


class Office:
    """A service that keeps one draft of one section; a test says in which way it is faulty."""

    def __init__(self, fault: str = "") -> None:
        self.fault, self.version = fault, 0
        self.kept: dict[str, Any] = {}
        self.steps: list[StepName] = []

    def reply(self, step: Step) -> Reply:
        if not isinstance(step, Request):
            return Done()
        self.steps.append(step.name)
        match step.name:
            case StepName.REGISTER:
                closed = self.fault == "closed"
                return problem(409, "registration_closed") if closed else answer(202, {"username": "x"})
            case StepName.MAIL:
                return answer(200, [{"text": "Votre code : ABCDE-FGHJK"}])
            case StepName.FORM:
                return answer(200, FORM)
            case StepName.DRAFT:
                kept = {} if self.fault == "loses" else self.kept
                return answer(200, {"sections": {"contact": {"version": self.version, "answers": kept}}})
            case StepName.SAVE:
                return self.save(step.json or {})
        return answer(200, {"username": "x"})

    def save(self, body: dict[str, Any]) -> JourneyAnswer:
        if body["version"] != self.version and self.fault != "overwrites":
            return problem(409, "draft_changed", current={"version": self.version, "answers": self.kept})
        self.version, self.kept = self.version + 1, body["answers"]
        return answer(200, {"version": self.version, "missing": []})


def outcome(way: Journey, office: Office) -> Outcome:
    try:
        step = next(way)
        while True:
            step = way.send(office.reply(step))
    except StopIteration as arrived:
        found: Outcome = arrived.value
        return found


def prepared(office: Office) -> Outcome:
    clock, plan = itertools.count().__next__, Plan(second_tab=True)
    return outcome(preparation(newcomer("a"), plan, clock, programme="demo", origin="http://x"), office)


def test_somebody_registers_confirms_fills_in_and_meets_a_conflict() -> None:
    """In this order, confirming twice; a second tab is told what stands, and nothing is lost."""
    office = Office()
    assert prepared(office).kind is JourneyEnd.PREPARED
    assert office.steps == [
        StepName.REGISTER, StepName.MAIL, StepName.CONFIRM, StepName.CONFIRM, StepName.SIGN_IN, StepName.FORM,
        StepName.SAVE, StepName.SAVE, StepName.DRAFT,
    ]  # fmt: skip


@pytest.mark.parametrize("fault", ["overwrites", "loses"])
def test_a_service_that_loses_what_was_saved_is_found_out(fault: str) -> None:
    """A stale save that overwrites, and a text that is not there any more, each break P12."""
    found = prepared(Office(fault))
    assert found.kind is JourneyEnd.FAILED and (found.reason or "").startswith("P12")


def test_an_expected_no_ends_it_with_its_code() -> None:
    """Outside the windows of registration nobody prepares."""
    found = prepared(Office("closed"))
    assert (found.kind, found.code) == (JourneyEnd.REFUSED, "registration_closed")


def test_a_saver_saves_as_often_as_was_meant() -> None:
    """Each save by the version of the one before; the last text is read back."""
    office, clock = Office(), itertools.count().__next__
    way = saving(newcomer("a"), Plan(), clock, programme="demo", origin="http://x", times=3)
    assert outcome(way, office).kind is JourneyEnd.PREPARED
    assert office.steps.count(StepName.SAVE) == 3 and office.version == 3
