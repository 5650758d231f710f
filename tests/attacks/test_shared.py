"""Shared and replayed tickets, tokens and sessions: one place, once, in the browser that was called."""

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable

import pytest

from submission import binding
from tests.support.people.attackers import Attacker, AttackReply, AttackSiege, Ground, parsed, request, send

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_two_browsers_with_one_ticket_have_one_place(battlefield: Ground) -> None:
    """The same number, the same token; whichever signs in first has it, and one submission comes of it."""
    siege = await battlefield.siege()
    await siege.call(1)
    owner, friend = siege.honest[0], siege.person(siege.honest[0].jar)
    assert (await friend.join()).status == 200
    assert friend.number == owner.number
    token = await siege.token(owner)
    assert (await owner.sign_in(1, token)).status == 200
    assert (await friend.sign_in(2, token)).code == "token_used"
    assert (await friend.sign_in(2)).status == 200
    assert (await friend.submit(token)).code == "token_used"
    assert (await owner.submit(token)).status == 201
    assert (await friend.submit(token)).code == "token_used"
    await siege.nobody_got_ahead(accepted=1)


async def test_a_token_is_nothing_beside_another_ticket(battlefield: Ground) -> None:
    """Sold or stolen, with the buyer's own ticket or with none: 403 at sign-in and at the submission."""
    siege = await battlefield.siege()
    await siege.call(1)
    token = await siege.token(siege.honest[0])
    buyer = (await siege.people(1))[0]
    passer_by = siege.person()
    for who in (buyer, passer_by):
        assert (await who.sign_in(3, token)).code == "token_other_browser"
        assert (await who.sign_in(3)).status == 200
        assert (await who.submit(token)).code == "token_other_browser"
    assert (await siege.honest[0].sign_in(1, token)).status == 200
    await siege.nobody_got_ahead()


async def test_without_that_look_a_sold_token_would_be_a_place(
    battlefield: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: with the ticket beside the token not looked at, number 4 submits in the place of number 1."""
    siege = await battlefield.siege()
    await siege.call(1)
    token = await siege.token(siege.honest[0])
    buyer = (await siege.people(1))[0]
    monkeypatch.setattr(binding, "beside", lambda period, claims, ticket: claims)
    assert (await buyer.sign_in(3, token)).status == 200


async def test_two_tokens_in_one_browser_do_not_mix(battlefield: Ground) -> None:
    """A browser that was called holds another's token too: each goes with its own ticket only, and one an account."""
    siege = await battlefield.siege()
    await siege.call(2)
    first, second = siege.honest[:2]
    tokens = [await siege.token(first), await siege.token(second)]
    assert (await first.sign_in(1, tokens[1])).code == "token_other_browser"
    assert (await first.sign_in(1, tokens[0])).status == 200
    assert (await second.sign_in(1, tokens[1])).code == "account_has_live_token"
    assert (await first.submit(tokens[1])).code == "token_other_browser"
    await siege.nobody_got_ahead()


async def test_a_ticket_of_one_period_opens_no_other(battlefield: Ground) -> None:
    """Number 1 there, presented here under this period's name or as Bearer, is no number here."""
    siege, other = await battlefield.siege(), await battlefield.siege()
    guest = siege.person({f"ticket-{siege.period.id}": other.honest[0].ticket})
    assert (await guest.ask("GET", "tickets/me")).code == "no_ticket"
    assert (
        await guest.ask("DELETE", "tickets/me", Cookie=None, Authorization=f"Bearer {other.honest[0].ticket}")
    ).code == "no_ticket"
    assert (await guest.watch())[0] == 4401
    assert (await guest.join()).status == 201
    assert guest.number > 3
    await siege.nobody_got_ahead()
    await other.nobody_got_ahead()


async def test_a_token_of_one_period_opens_no_other(battlefield: Ground) -> None:
    """Both periods have called number 1 of the same browser: the tokens are not exchangeable."""
    siege, other = await battlefield.siege(1), await battlefield.siege(1)
    await siege.call(1)
    await other.call(1)
    token = await other.token(other.honest[0])
    one = siege.person(siege.honest[0].jar | {f"ticket-{other.period.id}": other.honest[0].ticket})
    assert (await one.sign_in(4)).status == 200
    assert (await one.submit(token)).code == "no_token"
    await siege.nobody_got_ahead()
    await other.nobody_got_ahead()


async def test_one_ticket_has_three_feeds(battlefield: Ground) -> None:
    """However many friends share it; the fourth is closed 4429, and the place is as it was."""
    siege = await battlefield.siege()
    friends = [siege.person(siege.honest[1].jar) for _ in range(3)]
    async with friends[0].live() as a, friends[1].live() as b, friends[2].live() as c:
        for feed in (a, b, c):
            assert json.loads(await feed.recv())["number"] == 2
        assert (await siege.person(siege.honest[1].jar).watch())[0] == 4429
        assert (await siege.honest[1].me())["number"] == 2
    await siege.nobody_got_ahead()


End = Callable[[AttackSiege, Attacker], Awaitable[None]]


async def lapse(siege: AttackSiege, person: Attacker) -> None:
    await siege.advance(610_000)
    await siege.set(calls_per_minute=0)
    hall = siege.ground.hall
    await hall.room.calls.turn(await hall.period(siege.period.id), True)


async def leave(siege: AttackSiege, person: Attacker) -> None:
    assert (await siege.person(person.jar).ask("DELETE", "tickets/me")).status == 204


async def submit(siege: AttackSiege, person: Attacker) -> None:
    token = await siege.token(person)
    one = siege.person(person.jar)
    assert (await one.sign_in(1, token)).status == 200
    assert (await one.submit(token)).status == 201


ENDS: dict[str, tuple[End, str, str, str]] = {
    # what ended it: (how, what the ticket shows then, what the token is then, what another account's sign-in gets)
    "lapsed": (lapse, "lapsed", "token_expired", "token_expired"),
    "left": (leave, "left", "token_expired", "token_expired"),
    "submitted": (submit, "submitted", "token_used", "token_used"),
}


@pytest.mark.parametrize("name", ENDS)
async def test_an_old_ticket_and_token_are_worth_nothing(battlefield: Ground, name: str) -> None:
    """Kept copies of both: the ticket says how it ended, the token is refused, a join begins at the end of the line."""
    end, state, signed_in, submitted = ENDS[name]
    siege = await battlefield.siege()
    await siege.call(1)
    owner = siege.honest[0]
    token, jar = await siege.token(owner), dict(owner.jar)
    await end(siege, owner)
    thief = siege.person(jar)
    assert (await thief.me())["state"] == state
    assert (await thief.sign_in(2, token)).code == signed_in
    assert (await thief.sign_in(2)).status == 200
    assert (await thief.submit(token)).code == submitted
    assert (await thief.join()).status == 201
    assert thief.number > 3
    assert (await siege.person(jar).me())["state"] == state
    await siege.nobody_got_ahead(accepted=int(name == "submitted"))


async def test_a_captured_join_sent_again_is_the_same_number(battlefield: Ground) -> None:
    """Fifty times, to the byte, also after others have come."""
    siege = await battlefield.siege()
    robot = siege.person()
    await robot.ask("GET", f"/periodes/{siege.period.id}", Accept="text/html")
    captured = request("POST", robot.at("tickets"), robot.headers(), b"{}")
    answers = [parsed(await send(battlefield.port, captured)) for _ in range(10)]
    await siege.people(1)
    answers += [
        parsed(got) for got in await asyncio.gather(*(send(battlefield.port, captured) for _ in range(40)))
    ]
    assert {answer.json()["number"] for answer in answers} == {4}
    assert [answer.status for answer in answers].count(201) == 1
    await siege.nobody_got_ahead()


def handshake(person: Attacker) -> bytes:
    headers = [pair for pair in person.headers() if pair[0] != "Connection"]
    headers += [("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13")]
    headers += [("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")]
    return request("GET", person.at("live"), headers, None)


async def test_a_captured_handshake_is_one_more_look_and_no_more(battlefield: Ground) -> None:
    """Sent again to the byte it shows the same number; after the place was left it shows that, and is closed."""
    siege = await battlefield.siege()
    robot = (await siege.people(1))[0]
    captured = handshake(robot)
    for _ in range(2):
        got = await send(battlefield.port, captured, seconds=0.7)
        assert got.startswith(b"HTTP/1.1 101")
        assert b'"number":4' in got
    await leave(siege, robot)
    got = await send(battlefield.port, captured, seconds=1)
    assert b'"state":"left"' in got
    assert got.endswith((1000).to_bytes(2, "big"))
    await siege.nobody_got_ahead()


async def test_a_session_that_ended_is_nobodys(battlefield: Ground) -> None:
    """The cookie of a signed-out session submits nothing, with a live token beside it."""
    siege = await battlefield.siege()
    await siege.call(1)
    owner = siege.honest[0]
    token = await siege.token(owner)
    assert (await owner.sign_in(1, token)).status == 200
    thief = siege.person(owner.jar)
    assert (await owner.ask("DELETE", "/api/v1/session")).status == 204
    assert (await thief.submit(token)).code == "not_signed_in"
    await siege.nobody_got_ahead()


async def test_a_session_fixed_beforehand_is_not_the_one_after_sign_in(battlefield: Ground) -> None:
    """The attacker's cookie in the victim's browser becomes nobody's when the victim signs in."""
    siege = await battlefield.siege()
    attacker = siege.person()
    assert (await attacker.sign_in(5)).status == 200
    victim = siege.person(attacker.jar)
    assert (await victim.sign_in(6)).status == 200
    assert victim.jar["session"] != attacker.jar["session"]
    refused = await siege.person(attacker.jar).ask("GET", "/api/v1/session")
    assert (refused.status, refused.code) == (401, "not_signed_in")
    made_up = siege.person({"session": secrets.token_urlsafe(32)})
    assert (await made_up.sign_in(6)).status == 200
    await siege.nobody_got_ahead()


async def test_a_submission_sent_again_is_one_receipt(battlefield: Ground) -> None:
    """To the byte, in turn and at once: the same rank each time."""
    siege = await battlefield.siege()
    await siege.call(1)
    owner = siege.honest[0]
    token = await siege.token(owner)
    assert (await owner.sign_in(7, token)).status == 200
    answers: list[AttackReply] = [await owner.submit(token) for _ in range(3)]
    answers += await asyncio.gather(*(owner.submit(token) for _ in range(10)))
    assert [answer.status for answer in answers] == [201] + [200] * 12
    assert len({answer.json()["receipt"] for answer in answers}) == 1
    await siege.nobody_got_ahead(accepted=1)
