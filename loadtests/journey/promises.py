"""What a candidate may rely on, checked on every answer as it passes (`docs/contract.md`). Pure; raises
PromiseViolation."""

from datetime import datetime
from typing import Any

from loadtests.journey.states import LIVE, FeedEvent, PlaceState, Pledge, RefusalCode, StepName
from loadtests.journey.steps import JourneyAnswer

CODES = frozenset(RefusalCode)

EVENTS = frozenset(FeedEvent)

ORDER = {
    PlaceState.WAITING: 0,
    PlaceState.CALLED: 1,
    PlaceState.REDEEMED: 2,
    PlaceState.SUBMITTED: 3,
    PlaceState.LAPSED: 3,
    PlaceState.LEFT: 3,
    PlaceState.DRAINED: 3,
    PlaceState.ANNULLED: 4,
}
"""A number's states; none may be followed by one with a lower figure."""

MOST_POLL_SECONDS = 20

CLOCK_STEP_SECONDS = 3.0
"""An end computed from a service clock that is stepped once a second may seem to move by so much."""


class PromiseViolation(Exception):
    """The service broke a promise to this candidate. The text begins with the promise, such as P1."""

    def __init__(self, pledge: Pledge, sentence: str) -> None:
        super().__init__(f"{pledge}: {sentence}")


def instant(text: Any) -> float:
    """Seconds since 1970 of an RFC 3339 text in UTC. Raises PromiseViolation."""
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError) as problem:
        raise PromiseViolation(Pledge.CONTRACT, f"{text!r} is not an instant") from problem
    if moment.tzinfo is None:
        raise PromiseViolation(Pledge.CONTRACT, f"{text!r} has no offset")
    return moment.timestamp()


def check_answer(step: StepName, answer: JourneyAnswer) -> None:
    """Every answer carries a request id; no answer is a fault of the service; every refusal is a whole one (P9)."""
    if "x-request-id" not in answer.headers:
        raise PromiseViolation(Pledge.CONTRACT, f"{step} was answered without X-Request-ID")
    if answer.status >= 500 and answer.status != 503:
        raise PromiseViolation(Pledge.CONTRACT, f"{step} was answered with {answer.status}")
    if answer.status >= 400:
        _check_refusal(step, answer)


def check_page(step: StepName, answer: JourneyAnswer) -> None:
    """A page or a file is there, with a request id; the button may say no; whoever is to come back is told when."""
    if "x-request-id" not in answer.headers:
        raise PromiseViolation(Pledge.CONTRACT, f"{step} was answered without X-Request-ID")
    known = answer.status < 400 or answer.status in (429, 503)
    if not known and (answer.status >= 500 or step is not StepName.BUTTON):
        raise PromiseViolation(Pledge.CONTRACT, f"{step} was answered with {answer.status}")
    if answer.status in (429, 503) and "retry-after" not in answer.headers:
        raise PromiseViolation(Pledge.CONTRACT, f"{step} was answered {answer.status} without Retry-After")


def _check_refusal(step: StepName, answer: JourneyAnswer) -> None:
    body = answer.body
    kind = answer.headers.get("content-type", "").split(";")[0]
    if kind != "application/problem+json" or not isinstance(body, dict):
        raise PromiseViolation(
            Pledge.P9, f"{step} was refused with {answer.status} and {kind or 'no'} content"
        )
    missing = [field for field in ("type", "title", "detail", "status", "code") if not body.get(field)]
    if missing:
        raise PromiseViolation(Pledge.P9, f"the refusal of {step} lacks {', '.join(missing)}")
    if body["code"] not in CODES or body["status"] != answer.status:
        raise PromiseViolation(
            Pledge.P9,
            f"{step} was refused with {body['code']!r} and {body['status']!r}, over {answer.status}",
        )
    if answer.status == 401 and "www-authenticate" not in answer.headers:
        raise PromiseViolation(Pledge.CONTRACT, f"{step} was answered 401 without WWW-Authenticate")
    if answer.status in (429, 503) and "retry-after" not in answer.headers:
        raise PromiseViolation(Pledge.CONTRACT, f"{step} was answered {answer.status} without Retry-After")


def check_me(me: Any, number: int | None, state: PlaceState) -> None:
    """A `me` object is whole, of the same number, and never a step back from `state` (P1, P8)."""
    if not isinstance(me, dict) or not isinstance(me.get("number"), int) or me["number"] < 1:
        raise PromiseViolation(Pledge.CONTRACT, "a place without a number")
    if number is not None and me["number"] != number:
        raise PromiseViolation(Pledge.P1, f"number {number} became {me['number']}")
    if me.get("state") not in ORDER:
        raise PromiseViolation(Pledge.CONTRACT, f"state {me.get('state')!r} is none of the contract's")
    if ORDER[me["state"]] < ORDER[state]:
        raise PromiseViolation(Pledge.P8, f"number {me['number']} went from {state} back to {me['state']}")
    instant(me.get("server_time"))
    poll = me.get("next_poll_seconds")
    if not isinstance(poll, int | float) or not 0 < poll <= MOST_POLL_SECONDS:
        raise PromiseViolation(Pledge.CONTRACT, f"next_poll_seconds is {poll!r}")
    if me["state"] == PlaceState.WAITING:
        _check_waiting(me)
    if me["state"] in LIVE and not (me.get("token") and me.get("expires_at")):
        raise PromiseViolation(
            Pledge.P5, f"number {me['number']} is {me['state']} without a token and its end"
        )
    if me["state"] == PlaceState.SUBMITTED and not me.get("receipt"):
        raise PromiseViolation(Pledge.P3, f"number {me['number']} has submitted and is shown no receipt")


def check_entry(me: dict[str, Any], entry: int | None, number: int | None) -> None:
    """An entry of mode draw is the same until it is a number, and never an entry again (P1, P8)."""
    if not isinstance(me.get("entry"), int) or me["entry"] < 1 or me.get("number") is not None:
        raise PromiseViolation(Pledge.CONTRACT, "an entry without its own number, or with one of the line")
    if entry not in (None, me["entry"]):
        raise PromiseViolation(Pledge.P1, f"entry {entry} became {me['entry']}")
    if number is not None:
        raise PromiseViolation(Pledge.P8, f"number {number} became an entry again")


def _check_waiting(me: dict[str, Any]) -> None:
    ahead = me.get("ahead")
    if not isinstance(ahead, int) or not 0 <= ahead < me["number"]:
        raise PromiseViolation(Pledge.P7, f"number {me['number']} is told that {ahead!r} are ahead")
    wait = me.get("estimated_wait_seconds")
    if wait is not None and not (isinstance(wait, list) and len(wait) == 2 and 0 <= wait[0] <= wait[1]):
        raise PromiseViolation(Pledge.CONTRACT, f"estimated_wait_seconds is {wait!r}")


def check_frame(body: Any) -> None:
    if not isinstance(body, dict) or body.get("type") not in EVENTS:
        raise PromiseViolation(
            Pledge.CONTRACT, f"a frame of type {body.get('type') if isinstance(body, dict) else body!r}"
        )


def check_same_receipt(first: dict[str, Any], again: dict[str, Any]) -> None:
    """Asking again gives the same receipt (P3)."""
    for field in ("receipt", "rank", "submitted_at", "pay_by"):
        if first.get(field) != again.get(field):
            raise PromiseViolation(
                Pledge.P3, f"{field} was {first.get(field)!r} and is {again.get(field)!r} when asked again"
            )
