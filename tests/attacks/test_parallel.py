"""Everything at once: one visitor, one token or one account, in many requests. One of each comes of it."""

import asyncio
from collections import Counter

import pytest

from tests.support.people.attackers import FORM, Attacker, AttackReply, AttackSiege, Ground
from waitingroom.line.store import script

pytestmark = pytest.mark.asyncio(loop_scope="module")

KEY = "Zq3vT8xWk1LmN6pRs2Yd9A"


def codes(answers: list[AttackReply]) -> Counter[str]:
    """How many there were of each refusal, or of each status where it was none."""
    return Counter(answer.code or str(answer.status) for answer in answers)


async def visitor(siege: AttackSiege) -> Attacker:
    """A browser that has seen the page and not pressed the button."""
    one = siege.person()
    await one.ask("GET", f"/periodes/{siege.period.id}", Accept="text/html")
    return one


async def test_two_hundred_joins_of_one_visitor_are_one_number(battlefield: Ground) -> None:
    """Over the call and the form, in the same instant."""
    siege = await battlefield.siege()
    robot = await visitor(siege)
    form = f"/periodes/{siege.period.id}/joindre"
    joins = [siege.person(robot.jar).ask("POST", "tickets", {}) for _ in range(150)]
    forms = [siege.person(robot.jar).ask("POST", form, b"", Content_Type=FORM) for _ in range(50)]
    answers = await asyncio.gather(*joins, *forms)
    tickets = [text for answer in answers for name, text in answer.cookies().items() if name != "visitor"]
    assert len(tickets) == 200
    read = [battlefield.tickets.read(text) for text in tickets]
    assert {ticket.number for ticket in read if ticket} == {4}
    assert codes(answers)["201"] <= 1
    await siege.nobody_got_ahead()


async def test_without_the_memory_of_joins_each_would_be_a_number(battlefield: Ground) -> None:
    """Twin: the same script, with what it knows of this visitor not looked at, gives a number a request."""
    siege = await battlefield.siege()
    robot = await visitor(siege)
    whole = script("join")
    forgetful = whole.replace("local known = numbers[ids[j]]", "local known = nil")
    assert forgetful != whole
    line = battlefield.hall.room.line
    known = line._scripts["join"]
    line._scripts["join"] = battlefield.hall.redis.register_script(forgetful)
    try:
        hash_ = battlefield.tickets.visitor(robot.jar["visitor"])
        period = await battlefield.hall.period(siege.period.id)
        joined = await asyncio.gather(
            *(battlefield.hall.room.joins.join(period, None, None, hash_) for _ in range(20))
        )
    finally:
        line._scripts["join"] = known
    assert len({one.ticket.number for one in joined}) == 20


async def test_a_hundred_joins_with_one_key_from_many_browsers_are_one_number(battlefield: Ground) -> None:
    """The key is looked at before the visitor: a hundred visitors with it share its number."""
    siege = await battlefield.siege()
    robots = [await visitor(siege) for _ in range(5)]
    answers = await asyncio.gather(
        *(siege.person(robots[n % 5].jar).ask("POST", "tickets", {}, Idempotency_Key=KEY) for n in range(100))
    )
    assert {answer.json()["number"] for answer in answers} == {4}
    await siege.nobody_got_ahead()


async def test_a_hundred_submissions_of_one_token_are_one(battlefield: Ground) -> None:
    """One receipt, one rank, one place; ninety-nine repeats."""
    siege = await battlefield.siege()
    await siege.call(1)
    owner = siege.honest[0]
    token = await siege.token(owner)
    assert (await owner.sign_in(1, token)).status == 200
    answers = await asyncio.gather(*(owner.submit(token, keep=False) for _ in range(100)))
    assert codes(answers) == {"201": 1, "200": 99}
    assert len({answer.json()["receipt"] for answer in answers}) == 1
    await siege.nobody_got_ahead(accepted=1)


async def test_leaving_and_submitting_at_once_is_one_or_the_other(battlefield: Ground) -> None:
    """Twenty of each: accepted and not left, or left and not accepted; the place is counted once."""
    siege = await battlefield.siege()
    await siege.call(1)
    owner = siege.honest[0]
    token = await siege.token(owner)
    assert (await owner.sign_in(2, token)).status == 200
    leaves = [siege.person(owner.jar).ask("DELETE", "tickets/me") for _ in range(20)]
    submits = [siege.person(owner.jar).submit(token) for _ in range(20)]
    mixed = [one for pair in zip(leaves, submits, strict=True) for one in pair]
    found = codes(await asyncio.gather(*mixed))
    state = (await owner.me())["state"]
    assert state in ("submitted", "left")
    if state == "submitted":
        assert found["201"] == 1
        assert found["token_used"] == 20
    else:
        assert found["token_expired"] == 20
        assert found["204"] == 20
    await siege.nobody_got_ahead(accepted=int(state == "submitted"))


async def test_one_account_over_two_tokens_holds_one(battlefield: Ground) -> None:
    """Twenty sign-ins at once, half with each of two friends' tokens: one is bound, the other stays free."""
    siege = await battlefield.siege()
    await siege.call(2)
    first, second = siege.honest[:2]
    tokens = {first: await siege.token(first), second: await siege.token(second)}
    tries = [siege.person(one.jar).sign_in(3, tokens[one]) for one in (first, second) * 5]
    found = codes(await asyncio.gather(*tries))
    assert found["200"] + found["account_has_live_token"] + found["rate_limited"] == 10
    states = sorted([(await first.me())["state"], (await second.me())["state"]])
    assert states == ["called", "redeemed"]
    await siege.nobody_got_ahead()


async def test_ten_accounts_over_one_token_bind_one(battlefield: Ground) -> None:
    """A token that a whole family tries is the first one's; only that account submits."""
    siege = await battlefield.siege()
    await siege.call(1)
    owner = siege.honest[0]
    token = await siege.token(owner)
    browsers = [siege.person(owner.jar) for _ in range(10)]
    answers = await asyncio.gather(*(one.sign_in(n, token) for n, one in enumerate(browsers, 1)))
    assert codes(answers) == {"200": 1, "token_used": 9}
    for n, one in enumerate(browsers, 1):
        if not one.jar.get("session"):
            assert (await one.sign_in(n)).status == 200
    assert codes(list(await asyncio.gather(*(one.submit(token) for one in browsers)))) == {
        "201": 1,
        "token_used": 9,
    }
    await siege.nobody_got_ahead(accepted=1)


@pytest.mark.parametrize("how", ["lapsed", "left"])
async def test_re_entry_from_many_tabs_is_one_number(battlefield: Ground, how: str) -> None:
    """Forty tabs of one browser whose place ended join at once: one new number, at the end."""
    siege = await battlefield.siege()
    await siege.call(1)
    owner = siege.honest[0]
    if how == "left":
        assert (await siege.person(owner.jar).ask("DELETE", "tickets/me")).status == 204
    else:
        await siege.advance(610_000)
        await siege.set(calls_per_minute=0)
        await battlefield.hall.room.calls.turn(await battlefield.hall.period(siege.period.id), True)
    answers = await asyncio.gather(*(siege.person(owner.jar).join() for _ in range(40)))
    assert {answer.json()["number"] for answer in answers} == {4}
    await siege.nobody_got_ahead()


async def test_joins_and_leaves_at_once_never_share_a_number(battlefield: Ground) -> None:
    """One browser that joins and leaves in one instant, over and over: each number it had is behind the honest."""
    siege = await battlefield.siege()
    robot = await visitor(siege)
    seen = set()
    for _ in range(4):
        joins = [siege.person(robot.jar).join() for _ in range(10)]
        answers = await asyncio.gather(*joins, robot.ask("DELETE", "tickets/me", keep=False))
        seen |= {answer.json()["number"] for answer in answers if answer.status in (200, 201)}
        await robot.join()
    newcomer = (await siege.people(1))[0]
    assert min(seen) > 3
    assert newcomer.number > max(seen)
    await siege.nobody_got_ahead()


async def test_a_crowd_of_robots_does_not_pass_the_honest(battlefield: Ground) -> None:
    """Three hundred joins without a cookie: three hundred numbers behind the honest ones, who are called first."""
    siege = await battlefield.siege()
    answers = await asyncio.gather(*(siege.person().join() for _ in range(300)))
    numbers = [answer.json()["number"] for answer in answers]
    assert sorted(numbers) == list(range(4, 304))
    await siege.nobody_got_ahead()
