"""Proof of work: what is one, how often it counts, and that a number which owes one is kept and passes nobody."""

import asyncio

import msgspec
import pytest
from playwright.async_api import expect

from accounts.staff import add_operator
from config.assets import BUNDLES, STATIC
from foundation.clock import now_ms
from tests.support.browsing import look, page_of
from tests.support.people.attackers import FORM, Attacker, AttackSiege, Ground
from tests.support.processes.services import until
from tests.unit.waitingroom.joins.test_proof_of_work import OTHER, solved
from waitingroom import pages, positions
from waitingroom.joins import limits, rules
from waitingroom.joins.limits import JoinLimits
from waitingroom.joins.proof_of_work import WAIT_MS, ProofsOfWork
from waitingroom.tickets import Ticket, Tickets

server = pytest.mark.asyncio(loop_scope="module")


async def proving(ground: Ground, honest: int = 3) -> AttackSiege:
    """A period in which honest people wait already, and which asks for a proof from now on."""
    siege = await ground.siege(honest)
    await ask(siege, True)
    return siege


async def ask(siege: AttackSiege, asked: bool) -> None:
    await siege.set(proof=asked)
    stranger = siege.person()

    async def known() -> bool:
        return bool(
            (await stranger.ask("GET", f"/api/v1/periods/{siege.period.id}")).json()["proof"] is asked
        )

    await until(known, 5, "the process knows the row, which it reads once a second")


async def work(person: Attacker) -> str:
    """A proof of this person's own."""
    got = await person.ask("GET", "challenge")
    assert got.status == 200
    return await asyncio.to_thread(solved, got.json())


async def press(person: Attacker, **fields: str) -> int:
    """The button of the page: the status of its answer."""
    await person.ask("GET", f"/periodes/{person.period}", Accept="text/html")
    body = "&".join(f"{name}={value}" for name, value in fields.items()).encode()
    form = f"/periodes/{person.period}/joindre"
    return (await person.ask("POST", form, body, Accept="text/html", Content_Type=FORM)).status


@server
async def test_a_join_by_call_needs_a_proof_and_one_proof_gives_one_number(battlefield: Ground) -> None:
    """403 with where a challenge is; one proof is one number, for one of ten; whoever has a number needs none."""
    siege = await proving(battlefield)
    robot = siege.person()
    refused = await robot.join()
    assert (refused.status, refused.code) == (403, "proof_required")
    told = refused.json()
    assert (told["cause"], told["challenge"]) == ("missing", f"/api/v1/periods/{siege.period.id}/challenge")
    proof = await work(robot)
    body = {"proof": proof}
    answers = await asyncio.gather(*(siege.person().ask("POST", "tickets", body) for _ in range(10)))
    given = [answer for answer in answers if answer.status == 201]
    assert len(given) == 1
    assert {(a.code, a.json().get("cause")) for a in answers if a.status != 201} == {
        ("proof_required", "spent")
    }
    assert "proof" not in given[0].json()
    assert [(await person.join()).status for person in siege.honest] == [200] * 3
    await siege.nobody_got_ahead()


@server
async def test_the_same_person_may_repeat_a_join_with_its_proof(battlefield: Ground) -> None:
    """The answer may have been lost: the same key or visitor with the same proof is the same number."""
    siege = await proving(battlefield)
    person = siege.person()
    await person.ask("GET", f"/periodes/{siege.period.id}", Accept="text/html")
    body = {"proof": await work(person)}
    answers = [await siege.person(person.jar).ask("POST", "tickets", body) for _ in range(3)]
    assert [answer.status for answer in answers] == [201, 200, 200]
    assert {answer.json()["number"] for answer in answers} == {answers[0].json()["number"]}


@server
async def test_an_old_ticket_is_no_proof_for_new_numbers(battlefield: Ground) -> None:
    """One that left needs a proof again, however many visitor cookies it brings."""
    siege = await proving(battlefield)
    left = siege.honest[0]
    assert (await siege.person(left.jar).ask("DELETE", "tickets/me")).status == 204
    for _ in range(3):
        jar = {**left.jar, "visitor": battlefield.tickets.new_visitor()}
        assert (await siege.person(jar).join()).code == "proof_required"
    siege.honest = siege.honest[1:]
    await siege.nobody_got_ahead()


@server
async def test_the_page_gives_the_number_first_and_calls_it_after_the_proof(battlefield: Ground) -> None:
    """Pressed before others, proved after them: its place is in front of theirs, and it was not called meanwhile."""
    siege = await proving(battlefield)
    person, later = siege.person(), siege.person()
    assert await press(person) == 303
    body = {"proof": await work(later)}
    assert (await later.ask("POST", "tickets", body)).json()["number"] > 4
    mine = await person.me()
    assert (mine["number"] >= 4, mine["state"]) == (True, "waiting")
    assert mine["proof"]["challenge"].endswith("/challenge")
    shown = await person.ask("GET", f"/periodes/{siege.period.id}", Accept="text/html")
    assert "Votre numéro est réservé" in shown.body.decode()
    await siege.call(3)
    await siege.call(1)
    assert siege.called == [1, 2, 3, later_number(later, battlefield)]
    assert await press(person, proof=(await work(person)).replace("+", "%2B")) == 303
    assert "proof" not in await person.me()
    await siege.call(1)
    assert (await person.me())["state"] == "called"


def later_number(person: Attacker, ground: Ground) -> int:
    ticket = ground.tickets.read(person.ticket)
    assert ticket is not None
    return ticket.number


@server
async def test_without_the_flag_in_the_ticket_it_would_be_called_unproved(
    battlefield: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: a reader that forgets what a ticket owes marks its number present, and it is called."""
    siege = await proving(battlefield, honest=0)
    robot = siege.person()
    await press(robot)
    read = Tickets.read

    def forgetful(tickets: Tickets, text: str) -> Ticket | None:
        ticket = read(tickets, text)
        return ticket and msgspec.structs.replace(ticket, owes=0)

    await siege.call(1)
    assert siege.called == []
    monkeypatch.setattr(Tickets, "read", forgetful)
    await robot.me()
    await siege.call(1)
    assert len(siege.called) == 1


@server
async def test_nothing_but_a_proof_makes_it_present(battlefield: Ground) -> None:
    """Polls, an open feed, joins again with ticket or visitor, a loss of all of Redis: it owes, and nobody calls it."""
    siege = await proving(battlefield)
    robot = siege.person()
    await press(robot)
    number = later_number(robot, battlefield)
    jars = [robot.jar, {"visitor": robot.jar["visitor"]}]

    async def try_all() -> None:
        for jar in jars:
            again = siege.person(jar)
            await press(again)
            assert (later_number(again, battlefield), "proof" in await again.me()) == (number, True)
            assert (await siege.person(jar).join()).json().get("proof") or jar is not robot.jar
        assert (await robot.watch())[0] == 1013

    await try_all()
    await siege.call(3)
    await siege.call(1)
    assert siege.called == [1, 2, 3]
    await battlefield.hall.redis.flushall()
    assert "proof" in await robot.me()
    await siege.call(1)
    assert siege.called == [1, 2, 3]
    assert await press(robot, proof=(await work(robot)).replace("+", "%2B")) == 303
    assert "proof" not in await robot.me()


@server
async def test_a_minute_of_waiting_is_as_good(battlefield: Ground) -> None:
    """Pressed too early nothing changes; after the minute the button frees the number, at its own place."""
    siege = await proving(battlefield)
    person = siege.person()
    await press(person)
    number = later_number(person, battlefield)
    assert await press(person) == 303
    assert "proof" in await person.me()
    ticket = battlefield.tickets.read(person.ticket)
    assert ticket is not None
    before = msgspec.structs.replace(ticket, owes=now_ms() - WAIT_MS)
    person.jar[f"ticket-{siege.period.id}"] = battlefield.tickets.issue(before)
    assert await press(person) == 303
    assert (later_number(person, battlefield), "proof" in await person.me()) == (number, False)
    await siege.nobody_got_ahead()


@server
async def test_a_wrong_proof_on_the_page_costs_nothing(battlefield: Ground) -> None:
    """The page says so and what to do; the number is the same."""
    siege = await proving(battlefield)
    person = siege.person()
    await press(person)
    number = later_number(person, battlefield)
    form = f"/periodes/{siege.period.id}/joindre"
    shown = await person.ask("POST", form, b"proof=abcd", Accept="text/html", Content_Type=FORM)
    assert shown.status == 403
    assert "La vérification n’a pas réussi" in shown.body.decode()
    assert "proof.js" not in shown.body.decode()
    assert later_number(person, battlefield) == number


@server
async def test_a_challenge_of_one_period_is_none_in_another(battlefield: Ground) -> None:
    """Nor is one that we did not make."""
    siege, other = await proving(battlefield), await proving(battlefield)
    robot = siege.person()
    foreign = await work(other.person())
    made = await asyncio.to_thread(solved, ProofsOfWork(OTHER).challenge(siege.period.uid, now_ms()))
    for proof in (foreign, made):
        answer = await robot.ask("POST", "tickets", {"proof": proof})
        assert (answer.code, answer.json()["cause"]) == ("proof_required", "invalid")
    await siege.nobody_got_ahead()


@server
async def test_where_nobody_asks_for_a_proof_one_changes_nothing(battlefield: Ground) -> None:
    """Twin: the same joins without the operator's switch."""
    siege = await battlefield.siege()
    assert (await siege.person().join()).status == 201
    assert (await siege.person().ask("POST", "tickets", {"proof": "abcd"})).status == 201
    assert (await siege.person().ask("POST", "tickets", {"proof": 7})).code == "invalid"


@server
async def test_more_people_than_an_address_ever_had_owe_a_proof_and_keep_their_numbers(
    limited: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parked, never thrown out: each gets its number and a way to prove itself; those before are called first."""
    room = JoinLimits(on=True)
    siege = await limited.siege()
    monkeypatch.setattr(limits.JoinLimits, "crowded", lambda _limits, _address: True)
    robots = [await siege.person().arrive() for _ in range(5)]
    assert [robot.number for robot in robots] == [4, 5, 6, 7, 8]
    assert ["proof" in await robot.me() for robot in robots] == [True] * 5
    monkeypatch.undo()
    newcomer = (await siege.people(1))[0]
    assert "proof" not in await newcomer.me()
    await siege.call(3)
    await siege.call(1)
    assert siege.called == [1, 2, 3, newcomer.number]
    freed = await robots[2].ask("POST", "tickets", {"proof": await work(robots[2])})
    assert (freed.status, freed.json()["number"], "proof" in freed.json()) == (200, 6, False)
    await siege.call(1)
    assert siege.called[-1] == 6
    assert room.crowded("192.0.2.1") is False


@server
async def test_an_operator_asks_for_a_proof_within_two_seconds(battlefield: Ground) -> None:
    """By call and by the page's button, on the record; and lets it be again."""
    siege = await battlefield.siege(0)
    password = "un mot de passe d’opératrice"
    await battlefield.db.write(lambda conn: add_operator(conn, "operatrice", password, now_ms()))
    operator, here = siege.person(), f"/api/v1/operator/periods/{siege.period.id}"
    body = {"username": "operatrice", "password": password}
    assert (await operator.ask("POST", "/api/v1/operator/session", body)).status == 200
    assert (await operator.ask("PUT", f"{here}/proof")).json()["proof"] is True
    assert (await siege.person().join()).code == "proof_required"
    assert (await operator.ask("DELETE", f"{here}/proof")).status == 204
    assert (await siege.person().join()).status == 201
    page = f"/operateur/periodes/{siege.period.id}"
    assert (await operator.ask("POST", f"{page}/ask_proof", b"", Content_Type=FORM)).status == 303
    day = (
        await operator.ask("GET", f"/operateur?periode={siege.period.id}", Accept="text/html")
    ).body.decode()
    assert "Ne plus demander de preuve" in day
    assert "Preuve de travail" in day and "Preuve demandée" in day
    assert (await siege.person().ask("PUT", f"{here}/proof")).code == "not_signed_in"


@pytest.mark.browser
@server
async def test_a_browser_does_the_work_by_itself(battlefield: Ground) -> None:
    """Press, a few seconds, and one waits like everybody; nothing to type, nothing to recognise."""
    siege = await proving(battlefield)
    async with page_of(battlefield.url) as page:
        await page.goto(f"/periodes/{siege.period.id}")
        await page.get_by_role("button", name="Se connecter").click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("Vous êtes dans la file")
    await siege.nobody_got_ahead()


@pytest.mark.browser
@server
async def test_while_the_work_does_not_end_the_page_says_what_else_there_is(battlefield: Ground) -> None:
    """A browser too weak, or a script that never came: the same page, whole for axe, wide and narrow."""
    siege = await proving(battlefield, honest=0)
    async with page_of(battlefield.url) as page:
        await page.route("**/proof.js*", lambda route: route.abort())
        await page.goto(f"/periodes/{siege.period.id}")
        await page.get_by_role("button", name="Se connecter").click()
        await expect(page.locator("main")).to_contain_text("attendez jusqu’à")
        await look(page)


@pytest.mark.browser
@server
async def test_without_scripts_one_waits_and_presses(
    battlefield: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page says until when; it is whole for axe; after that the same button leads into the line."""
    siege = await proving(battlefield)
    async with page_of(battlefield.url, java_script_enabled=False) as page:
        await page.goto(f"/periodes/{siege.period.id}")
        await page.get_by_role("button", name="Se connecter").click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("Votre numéro est réservé")
        await expect(page.locator("main")).to_contain_text("attendez jusqu’à")
        await page.get_by_role("button", name="Confirmer ma place").click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("Votre numéro est réservé")
        for module in (rules, pages, positions):
            monkeypatch.setattr(module, "WAIT_MS", 0)
        await page.reload()
        await expect(page.locator("main")).to_contain_text("Vous avez assez attendu")
        await page.get_by_role("button", name="Confirmer ma place").click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("Vous êtes dans la file")
    await siege.nobody_got_ahead()


@server
async def test_the_page_with_a_proof_is_light(battlefield: Ground) -> None:
    """Markup, style and scripts together stay under 60 kB, most of which the browser has from the page before."""
    siege = await proving(battlefield, honest=0)
    person = siege.person()
    await press(person)
    shown = await person.ask("GET", f"/periodes/{siege.period.id}", Accept="text/html")
    files = [
        STATIC.path("base.css"),
        STATIC.path("proof.js"),
        *(STATIC.path(part) for part in BUNDLES["room-page.js"]),
    ]
    assert len(shown.body) + sum(file.stat().st_size for file in files) < 60_000
