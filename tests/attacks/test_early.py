"""Before the opening, and without a call, nothing gives a number, a token or a place, whatever a request says."""

from typing import Any

import pytest

from foundation.clock import now_ms
from tests.support import desks
from tests.support.people.attackers import FORM, AttackReply, AttackSiege, Ground
from tests.support.processes.services import until
from tests.support.rooms import HOUR_MS
from waitingroom.joins import refusals

pytestmark = pytest.mark.asyncio(loop_scope="module")

TOMORROW = "Tue, 24 Nov 2037 12:30:00 GMT"

# what: (method, path, body, headers, the codes or statuses that are a clear no)
EARLY: dict[str, tuple[str, str, Any, dict[str, Any], set[str | int]]] = {
    "the call": ("POST", "tickets", {}, {}, {"room_not_open"}),
    "with a later Date": ("POST", "tickets", {}, {"Date": TOMORROW}, {"room_not_open"}),
    "with a later hour in the body": (
        "POST", "tickets", {"opens_at": 0, "now": 9_999_999_999_999, "number": 1}, {}, {"room_not_open"},
    ),
    "with a later hour in the query": ("POST", "tickets?now=9999999999999", {}, {}, {"room_not_open"}),
    "with conditions": (
        "POST", "tickets", {}, {"If-Modified-Since": TOMORROW, "If-Unmodified-Since": TOMORROW}, {"room_not_open"},
    ),
    "with a proxy's time": (
        "POST", "tickets", {}, {"X-Request-Start": "t=9999999999999", "X-Real-Time": TOMORROW}, {"room_not_open"},
    ),
    "with a key": ("POST", "tickets", {}, {"Idempotency-Key": "Zq3vT8xWk1LmN6pRs2Yd9A"}, {"room_not_open"}),
    "the form": ("POST", "/periodes/{id}/joindre", b"", {"Content-Type": FORM}, {200, 409}),
    "the form, as a second press": ("POST", "/periodes/{id}/joindre?entree=1", b"", {"Content-Type": FORM}, {200, 409}),
    "an encoded address": ("POST", "/api/v1/periods/{id}/%74ickets", {}, {}, {"room_not_open", "not_found"}),
    "a doubled slash": ("POST", "/api/v1/periods//{id}/tickets", {}, {}, {"not_found"}),
    "a way round": ("POST", "/api/v1/periods/x/../{id}/tickets", {}, {}, {"not_found"}),
    "a slash at the end": ("POST", "tickets/", {}, {}, {"not_found", 307}),
    "an overridden method": ("GET", "tickets", None, {"X-HTTP-Method-Override": "POST"}, {"method_not_allowed"}),
    "another method": ("PUT", "tickets", {}, {}, {"method_not_allowed"}),
    "a position": ("GET", "tickets/me", None, {}, {"no_ticket"}),
    "leaving": ("DELETE", "tickets/me", None, {}, {"no_ticket"}),
    "a submission": ("POST", "submissions", {"token": "a.b.c", "declaration": True}, {}, {"not_signed_in"}),
    "the sign-in page": ("GET", "/periodes/{id}/connexion", None, {}, {303}),
    "the review page": ("GET", "/periodes/{id}/demande", None, {}, {303}),
    "the form of the sign-in page": ("POST", "/periodes/{id}/connexion", b"username=x", {"Content-Type": FORM}, {422}),
    "the form of the review page": (
        "POST", "/periodes/{id}/demande", b"declaration=true&capacity=candidate", {"Content-Type": FORM}, {303, 401},
    ),
}  # fmt: skip


async def closed_siege(ground: Ground, **values: Any) -> AttackSiege:
    now = now_ms()
    return await ground.siege(
        0, **{"state": "armed", "opens_at": now + HOUR_MS, "closes_at": now + 2 * HOUR_MS} | values
    )


async def opened(siege: AttackSiege) -> None:
    """The hour has come; the first honest people come now."""
    await siege.set(state="open", opens_at=now_ms() - 1_000)
    await siege.ground.hall.room.periods.changed(await siege.ground.hall.period(siege.period.id))

    async def is_open() -> bool:
        return bool(
            (await siege.person().ask("GET", f"/api/v1/periods/{siege.period.id}")).json()["state"] == "open"
        )

    await until(is_open, 10, "the process knows the row, which it reads once a second")
    siege.honest = [siege.person() for _ in range(3)]
    for one in siege.honest:
        await one.arrive()


@pytest.mark.parametrize("name", EARLY)
async def test_nothing_gives_a_number_before_the_opening(battlefield: Ground, name: str) -> None:
    """Armed for in an hour: each way in is a clear no, and sets no ticket."""
    method, path, body, headers, expected = EARLY[name]
    siege = await closed_siege(battlefield)
    robot = siege.person()
    await robot.ask("GET", f"/periodes/{siege.period.id}", Accept="text/html")
    answer = await robot.ask(method, path.replace("{id}", siege.period.id), body, **headers)
    assert {answer.code, answer.status} & expected, (answer.status, answer.body[:200])
    assert not any(name.startswith("ticket-") for name in robot.jar)
    assert (await battlefield.hall.redis.get(f"wr1:{{{siege.period.uid}}}:seq")) in (None, b"0")


@pytest.mark.parametrize("state", ["announced", "draft", "closed", "cap_reached"])
async def test_no_other_state_gives_a_number_either(battlefield: Ground, state: str) -> None:
    """Also with the hour long past; a draft does not exist for anybody."""
    ended = {"ended_at": now_ms()} if state in ("closed", "cap_reached") else {}
    siege = await battlefield.siege(0, state=state, **ended)
    codes = {
        "announced": "room_not_open",
        "draft": "not_found",
        "closed": "period_closed",
        "cap_reached": "quota_reached",
    }
    robot = siege.person()
    assert (await robot.join()).code == codes[state]
    await robot.ask("POST", f"/periodes/{siege.period.id}/joindre", b"", Content_Type=FORM)
    assert f"ticket-{siege.period.id}" not in robot.jar


async def test_those_who_tried_early_are_not_in_front_at_the_opening(battlefield: Ground) -> None:
    """Forty early joins with one cookie and with many: the first number is given after the opening."""
    siege = await closed_siege(battlefield)
    robot = siege.person()
    await robot.ask("GET", f"/periodes/{siege.period.id}", Accept="text/html")
    for _ in range(20):
        assert (await robot.join()).code == "room_not_open"
        assert (await siege.person().join()).code == "room_not_open"
    await opened(siege)
    assert [person.number for person in siege.honest] == [1, 2, 3]
    assert (await robot.join()).status == 201
    assert robot.number == 4
    await siege.nobody_got_ahead()


async def test_with_the_page_told_another_hour_the_script_still_refuses(
    battlefield: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This host's own look at the hour switched off: the line's clock refuses alone, with the same code."""
    siege = await closed_siege(battlefield)
    monkeypatch.setattr(refusals, "closed_by", lambda _period, _now: None)
    assert (await siege.person().join()).code == "room_not_open"


async def test_without_either_clock_the_door_would_be_open(
    battlefield: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: with both looks at the hour switched off the early one has number 1."""
    siege = await closed_siege(battlefield)
    monkeypatch.setattr(refusals, "closed_by", lambda _period, _now: None)
    ask = battlefield.hall.room.line.__class__.join
    monkeypatch.setattr(
        battlefield.hall.room.line.__class__, "join",
        lambda line, uid, epoch, opens_at, closes_at, joins: ask(line, uid, epoch, 0, closes_at, joins),
    )  # fmt: skip
    robot = siege.person()
    assert (await robot.join()).status == 201
    assert robot.number == 1


GUESSES = ["1", "0", "-1", "4", "99999999", "me", "1%00", "%31", "../1"]


@pytest.mark.parametrize("guess", GUESSES)
async def test_a_guessed_number_is_no_place(battlefield: Ground, guess: str) -> None:
    """Numbers are small and known; only the signature makes one a place."""
    siege = await battlefield.siege()
    robot = siege.person()
    tries: list[AttackReply] = [
        await robot.ask("GET", f"tickets/{guess}"),
        await robot.ask("GET", "tickets/me", Authorization=f"Bearer {guess}"),
        await robot.ask("GET", "tickets/me", Cookie=f"ticket-{siege.period.id}={guess}"),
        await robot.ask("GET", f"tickets/me?number={guess}&ticket={guess}"),
        await robot.ask("DELETE", f"tickets/{guess}"),
    ]
    assert {answer.code for answer in tries} <= {
        "no_ticket",
        "not_found",
        "method_not_allowed",
        "bad_request",
    }
    await siege.nobody_got_ahead()


async def test_who_waits_cannot_sign_in_or_submit_as_if_called(battlefield: Ground) -> None:
    """A real ticket without a call: the pages lead back to the room, the calls say that there is no token."""
    siege = await battlefield.siege()
    robot = (await siege.people(1))[0]
    assert (await robot.sign_in(1)).status == 200
    for token in ("", "a.b.c", robot.ticket):
        refused = await robot.submit(token)
        assert (refused.status, refused.code) == (401, "no_token")
    here = f"/periodes/{siege.period.id}"
    form = f"username=essai-00001&password={desks.PASSWORD}&answer-1=x".encode()
    for page, body in (("connexion", form), ("demande", b"declaration=true&capacity=candidate")):
        shown = await robot.ask("GET", f"{here}/{page}", Accept="text/html")
        posted = await robot.ask("POST", f"{here}/{page}", body, Accept="text/html", Content_Type=FORM)
        assert dict(shown.headers)["location"] == here
        assert posted.status in (303, 401)
    await siege.nobody_got_ahead()
