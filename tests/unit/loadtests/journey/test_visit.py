"""A browser's way through the room's pages, played without a network."""

from collections.abc import Callable
from typing import Any

import pytest

from loadtests.journey.plan import Plan
from loadtests.journey.promises import PromiseViolation
from loadtests.journey.states import StepName
from loadtests.journey.steps import JourneyAnswer, Request, Sleep
from loadtests.journey.visit import PageVisitor
from loadtests.people.pages import COMPRESSED, IDENTITY, PageLinks

ORIGIN = "http://127.0.0.1:8000"

PAGE = '<link rel="stylesheet" href="/static/base.css"><script src="/static/room.js"></script>'

PLACE = '<link rel="stylesheet" href="/static/base.css"><img src="/static/waiting.svg">'


def page(text: str | None, status: int = 200, **headers: str) -> JourneyAnswer:
    return JourneyAnswer(
        status, {"x-request-id": "1", "content-type": "text/html"} | headers, {"visitor": "v"}, text
    )


def room(step: Request) -> JourneyAnswer:
    """Everything goes well."""
    match step.name:
        case StepName.PAGE:
            return page(PAGE if step.headers["Accept-Encoding"] == IDENTITY else None)
        case StepName.PLACE:
            return page(PLACE)
        case StepName.BUTTON:
            return page(None, 303, location="/periodes/demo")
    return JourneyAnswer(200, {"x-request-id": "1"}, {}, {})


def visited(
    visitor: PageVisitor, answer: Callable[[Request], JourneyAnswer] = room
) -> tuple[bool, list[Request]]:
    """Whether there is a number, and every request."""
    asked: list[Request] = []
    way = visitor.arrive()
    try:
        step = next(way)
        while True:
            if isinstance(step, Sleep):
                step = way.send(page(None))
                continue
            assert isinstance(step, Request)
            asked.append(step)
            step = way.send(answer(step))
    except StopIteration as over:
        return over.value, asked


def visitor(links: PageLinks | None = None) -> PageVisitor:
    return PageVisitor(Plan(whole=True), lambda: 0.0, "demo", ORIGIN, links or PageLinks())


def test_a_whole_arrival_is_what_a_browser_asks_for() -> None:
    """The page and its files, the form, the page behind it and the file that is new."""
    came, asked = visited(visitor())
    assert came
    assert [(step.name, step.method, step.path) for step in asked] == [
        (StepName.PAGE, "GET", "/periodes/demo"),
        (StepName.FILE, "GET", "/static/base.css"),
        (StepName.FILE, "GET", "/static/room.js"),
        (StepName.BUTTON, "POST", "/periodes/demo/joindre"),
        (StepName.PLACE, "GET", "/periodes/demo"),
        (StepName.FILE, "GET", "/static/waiting.svg"),
    ]
    button = asked[3]
    assert button.form == {
        "touch_points": "0", "pointer": "fine", "any_pointer": "fine", "any_hover": "hover"
    }  # fmt: skip
    assert (button.headers["Origin"], button.headers["Cookie"]) == (ORIGIN, "visitor=v")
    assert asked[1].headers["Accept-Encoding"] == COMPRESSED


def test_the_second_visitor_reads_no_page() -> None:
    """It asks for compressed ones, and fetches the same files."""
    links = PageLinks()
    first, second = (visited(visitor(links))[1] for _ in range(2))
    assert [step.path for step in first] == [step.path for step in second]
    assert (first[0].headers["Accept-Encoding"], second[0].headers["Accept-Encoding"]) == (
        IDENTITY,
        COMPRESSED,
    )


def test_whoever_had_no_cookie_presses_again() -> None:
    """Once: a browser that keeps none is told so by the page."""
    left = [page(None, 303, location="/periodes/demo?entree=1"), page(None, 303, location="/periodes/demo")]

    def forgetful(step: Request) -> JourneyAnswer:
        return left.pop(0) if step.name is StepName.BUTTON else room(step)

    came, asked = visited(visitor(), forgetful)
    assert came
    assert [step.name for step in asked].count(StepName.BUTTON) == 2


@pytest.mark.parametrize("status", [200, 403])
def test_a_page_without_a_number_is_none(status: int) -> None:
    """A door that is not open, a device that is refused: a call then says the code."""
    came, asked = visited(
        visitor(), lambda step: page(None, status) if step.name is StepName.BUTTON else room(step)
    )
    assert not came
    assert asked[-1].name is StepName.BUTTON


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        (StepName.FILE, page(None, 404)),
        (StepName.PAGE, page(None, 500)),
        (StepName.PLACE, page(None, 503)),
        (StepName.BUTTON, page(None, 502)),
        (StepName.FILE, JourneyAnswer(200, {}, {})),
    ],
)
def test_a_broken_page_breaks_a_promise(name: StepName, answer: JourneyAnswer) -> None:
    """A file that is not there, a fault, patience asked for without saying how much, an answer without its id."""

    def broken(step: Request) -> JourneyAnswer:
        return answer if step.name is name else room(step)

    with pytest.raises(PromiseViolation, match=f"{name} was answered"):
        visited(visitor(), broken)


def test_patience_that_says_how_long_is_had() -> None:
    """Twin: the page comes in the end."""
    refusals: list[Any] = [page(None, 503, **{"retry-after": "2"})]

    def busy(step: Request) -> JourneyAnswer:
        return refusals.pop() if refusals else room(step)

    assert visited(visitor(), busy)[0]
