"""What a candidate may rely on: a whole answer passes, and each thing missing from it is named."""

from typing import Any

import pytest

from loadtests.journey.promises import (
    PromiseViolation,
    check_answer,
    check_entry,
    check_frame,
    check_me,
    check_same_receipt,
    instant,
)
from loadtests.journey.states import PlaceState, StepName
from loadtests.journey.steps import JourneyAnswer

ME: dict[str, Any] = {
    "number": 7, "state": "waiting", "ahead": 3, "estimated_wait_seconds": [1, 2], "next_poll_seconds": 5,
    "server_time": "2026-06-13T12:30:00.000Z",
}  # fmt: skip

NO: dict[str, Any] = {
    "type": "/refus/not_found",
    "title": "t",
    "detail": "d",
    "status": 404,
    "code": "not_found",
}

PROBLEM = {"x-request-id": "1", "content-type": "application/problem+json"}


def test_a_whole_answer_passes() -> None:
    """The twin of what follows."""
    check_answer(StepName.ME, JourneyAnswer(200, {"x-request-id": "1"}, {}, ME))
    check_answer(StepName.ME, JourneyAnswer(404, PROBLEM, {}, NO))
    check_me(ME, 7, PlaceState.WAITING)
    check_frame(ME | {"type": "position"})


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (JourneyAnswer(200, {}, {}), "contract: me was answered without X-Request-ID"),
        (JourneyAnswer(500, PROBLEM, {}, NO), "contract: me was answered with 500"),
        (JourneyAnswer(404, {"x-request-id": "1", "content-type": "text/html"}, {}), "P9"),
        (JourneyAnswer(404, PROBLEM, {}, NO | {"title": ""}), "P9: the refusal of me lacks title"),
        (JourneyAnswer(404, PROBLEM, {}, NO | {"code": "nonsense"}), "P9"),
        (JourneyAnswer(403, PROBLEM, {}, NO), "P9"),
        (
            JourneyAnswer(401, PROBLEM, {}, NO | {"status": 401, "code": "not_signed_in"}),
            "without WWW-Authenticate",
        ),
        (
            JourneyAnswer(429, PROBLEM, {}, NO | {"status": 429, "code": "rate_limited"}),
            "without Retry-After",
        ),
    ],
)
def test_what_an_answer_lacks_is_named(answer: JourneyAnswer, says: str) -> None:
    """With the promise that it breaks."""
    with pytest.raises(PromiseViolation) as broken:
        check_answer(StepName.ME, answer)
    assert says in str(broken.value)


@pytest.mark.parametrize(
    ("change", "before", "says"),
    [
        ({"number": 8}, PlaceState.WAITING, "P1: number 7 became 8"),
        ({"state": "dreaming"}, PlaceState.WAITING, "none of the contract's"),
        ({}, PlaceState.CALLED, "P8: number 7 went from called back to waiting"),
        ({"server_time": "noon"}, PlaceState.WAITING, "is not an instant"),
        ({"next_poll_seconds": 21}, PlaceState.WAITING, "next_poll_seconds"),
        ({"ahead": 7}, PlaceState.WAITING, "P7"),
        ({"estimated_wait_seconds": [2, 1]}, PlaceState.WAITING, "estimated_wait_seconds"),
        ({"state": "called"}, PlaceState.WAITING, "P5"),
        ({"state": "submitted"}, PlaceState.CALLED, "P3"),
    ],
)
def test_a_place_that_is_wrong_is_named(change: dict[str, Any], before: PlaceState, says: str) -> None:
    """Another number, a step back, a token without its end."""
    with pytest.raises(PromiseViolation) as broken:
        check_me(ME | change, 7, before)
    assert says in str(broken.value)


def test_an_entry_stays_the_same_until_it_is_a_number() -> None:
    """And is never an entry again afterwards."""
    check_entry({"entry": 3}, None, None)
    check_entry({"entry": 3}, 3, None)
    for entry, number in ((4, None), (3, 9)):
        with pytest.raises(PromiseViolation, match=r"P[18]"):
            check_entry({"entry": 3}, entry, number)


def test_a_frame_has_a_type_that_there_is() -> None:
    """Nothing else comes over the feed."""
    wrong: list[object] = [{"type": "nonsense"}, {}, []]
    for body in wrong:
        with pytest.raises(PromiseViolation, match="a frame of type"):
            check_frame(body)


def test_asking_again_gives_the_same_receipt() -> None:
    """Every field of it."""
    first = {"receipt": "R", "rank": 1, "submitted_at": "a", "pay_by": "b"}
    check_same_receipt(first, dict(first))
    with pytest.raises(PromiseViolation, match="P3: rank was 1 and is 2"):
        check_same_receipt(first, first | {"rank": 2})


def test_an_instant_has_an_offset() -> None:
    """Otherwise nobody knows when it is."""
    assert instant("1970-01-01T00:00:10Z") == 10.0
    with pytest.raises(PromiseViolation, match="no offset"):
        instant("1970-01-01T00:00:10")
