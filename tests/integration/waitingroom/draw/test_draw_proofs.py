"""Proof of work before a draw: an entry is owed as a number is, and one that still owes at the opening draws no lot."""

import asyncio
from typing import Any

import msgspec
import pytest
from playwright.async_api import expect

from evidence.recount import recount
from evidence.verify import read
from foundation.clock import now_ms
from foundation.sql.database import Database
from quota.draw_order import order
from quota.moves import schedule
from tests.integration.waitingroom.draw.test_entries import (
    SEED,
    VALUE,
    again,
    called,
    clock_off,
    lose,
    make_draw,
    opening,
    ticker,
)
from tests.integration.waitingroom.draw.test_scripts import stands
from tests.integration.waitingroom.joins.test_proofs import press, work
from tests.support.browsing import look, page_of
from tests.support.people.attackers import FORM, Attacker, AttackSiege, Ground
from tests.support.processes.services import until
from tests.support.rooms import HOUR_MS, Hall, builtins, hall, rows_of, set_period
from tests.unit.waitingroom.joins.test_proof_of_work import PROOF
from waitingroom.joins import limits
from waitingroom.joins.joins import Joined
from waitingroom.joins.proof_of_work import WAIT_MS
from waitingroom.joins.rules import JoinRules
from waitingroom.line import journal
from waitingroom.line.states import JoinTerms
from waitingroom.line.store import script
from waitingroom.tickets import Ticket, Tickets

UID = "0123456789abcdef"


async def owing(h: Hall, visitor: str) -> Joined:
    """The entry of a browser that was asked for a proof."""
    return await h.room.joins.join(await h.period(), None, None, visitor, JoinTerms.OWES)


async def proved(h: Hall, joined: Joined) -> Joined:
    """This browser shows its proof."""
    return await h.room.joins.join(await h.period(), again(h, joined), None, None, JoinTerms.PROVED)


async def gone(h: Hall, turns: int) -> list[int]:
    """The numbers that were called already, and those that are in so many ticks."""
    before = sorted(await rows_of(h.db, await h.period()))
    return before + await called(h, turns)


async def test_whoever_still_owes_is_not_drawn_and_comes_behind(database: Database, redis_url: str) -> None:
    """The order is the one anybody computes from all entries; whoever owes has no number of it, but one behind them all
    that owes still; a proof frees it, and everybody who owed nothing was called before (P1, P7)."""
    await make_draw(database, public_value=VALUE)
    async with hall(database, redis_url) as h:
        free = [await h.join(f"v{n}") for n in range(4)]
        robots = [await owing(h, f"r{n}") for n in range(4)]
        assert [robot.ticket.entry for robot in robots] == [5, 6, 7, 8]
        me = builtins(await h.room.positions.standing(await h.period(), robots[0].ticket))
        assert (me["state"], me["entry"], me["proof"]["challenge"][-10:]) == ("entered", 5, "/challenge")
        assert "proof" not in builtins(await h.room.positions.standing(await h.period(), free[0].ticket))
        await opening(h)
        await ticker(h)
        numbers = order(SEED, "essai", 8, VALUE)
        assert [again(h, one).number for one in free] == list(numbers[1:5])
        me = builtins(await h.room.positions.standing(await h.period(), again(h, robots[0])))
        assert (me["state"], me["number"], "proof" in me) == ("late", None, True)
        behind = await h.room.joins.join(await h.period(), again(h, robots[0]), None, None, JoinTerms.OWES)
        assert (behind.ticket.number, behind.ticket.entry) == (9, 0)
        assert behind.ticket.owes == robots[0].ticket.owes, "the wait goes on from the entry"
        repeated = await h.room.joins.join(await h.period(), again(h, robots[0]), None, None, JoinTerms.OWES)
        assert (repeated.ticket.number, repeated.existed) == (9, True)
        late = await h.join("late")
        assert await gone(h, 8) == [*sorted(numbers[1:5]), late.ticket.number]
        assert (await proved(h, behind)).ticket == msgspec.structs.replace(behind.ticket, owes=0)
        assert await called(h, most=1) == [9]
        await journal.copy(database, h.room.line, (await h.period()).uid)
        assert recount(await read(database, "essai")) == []


async def test_a_proof_in_time_is_a_lot_like_any_other(database: Database, redis_url: str) -> None:
    """The same entry, with a ticket that owes nothing; an older ticket of it is worth as much, also after the draw: the
    answer to the proof may have been lost."""
    await make_draw(database, public_value=VALUE)
    async with hall(database, redis_url) as h:
        first = await owing(h, "v")
        await h.join("w")
        after = await proved(h, first)
        assert (after.ticket, after.existed) == (msgspec.structs.replace(first.ticket, owes=0), True)
        assert "proof" not in builtins(await h.room.positions.standing(await h.period(), after.ticket))
        await opening(h)
        await ticker(h)
        number = order(SEED, "essai", 2, VALUE)[1]
        assert again(h, after).number == number
        lost = await h.room.joins.join(await h.period(), again(h, first), None, None, JoinTerms.OWES)
        assert (lost.ticket.number, lost.ticket.owes, lost.existed) == (number, 0, True)
        assert again(h, lost) == again(h, after)


async def test_no_loss_forgives_what_an_entry_owes(database: Database, redis_url: str) -> None:
    """FLUSHALL while people enter, and after the draw: by ticket and by visitor it is the same entry and owes; nobody
    calls it, and proofs of before still count (P8)."""
    await make_draw(database, public_value=VALUE)
    async with hall(database, redis_url) as h:
        robot, person, other = await owing(h, "r"), await owing(h, "p"), await h.join("o")
        person = await proved(h, person)
        await lose(h.redis)
        for joined in (robot, person, other):
            await h.room.positions.standing(await h.period(), joined.ticket)
        assert (await h.join("r", ticket=robot.ticket)).ticket == robot.ticket
        found = await h.join("r")
        assert (found.ticket.entry, found.ticket.owes > 0) == (1, True)
        assert await stands(h) == [2, 3]
        await opening(h)
        await ticker(h)
        free = sorted(again(h, one).number for one in (person, other))
        await lose(h.redis)
        for joined in (robot, person, other):
            await h.room.positions.standing(await h.period(), again(h, joined))
        assert again(h, robot).number == 0
        assert await gone(h, 5) == free


@pytest.mark.parametrize("lost", [False, True])
async def test_once_entries_are_counted_no_clock_makes_a_proof_count(
    database: Database, redis_url: str, monkeypatch: pytest.MonkeyPatch, lost: bool
) -> None:
    """A host whose clock is an hour behind, before and after a loss of Redis, while the value is late: the proof gives
    a number behind all entries (P10)."""
    await make_draw(database)
    async with hall(database, redis_url) as h:
        robot = await owing(h, "r")
        await opening(h)
        await ticker(h)
        if lost:
            await lose(h.redis)
            await ticker(h)
        with clock_off(monkeypatch, -HOUR_MS):
            assert (await h.join("r")).ticket.entry == 0
            after = await proved(h, robot)
        assert (after.ticket.entry, after.ticket.number > 1) == (0, True)


async def test_with_a_ticket_that_forgot_it_a_robot_would_be_drawn(
    database: Database, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: a reader that forgets what an entry owes gives it its lot, and it is called among the others."""
    await make_draw(database, public_value=VALUE)
    plain = Tickets.read

    def forgetful(tickets: Tickets, text: str) -> Ticket | None:
        ticket = plain(tickets, text)
        return ticket and tickets.drawn(msgspec.structs.replace(ticket, owes=0))

    async with hall(database, redis_url) as h:
        robot = await owing(h, "r")
        monkeypatch.setattr(Tickets, "read", forgetful)
        await h.room.positions.standing(await h.period(), again(h, robot))
        await opening(h)
        await ticker(h)
        assert await gone(h, 2) == [1]


async def test_without_an_end_of_proofs_a_robot_would_pay_for_its_best_lots_only(
    database: Database, redis_url: str
) -> None:
    """Twenty entries for nothing, then the order is public: proofs for the first three are too late. Twin: a script
    that takes them puts these three before the person who owed nothing."""
    await make_draw(database, public_value=VALUE)
    async with hall(database, redis_url) as h:
        robots = [await owing(h, f"r{n}") for n in range(20)]
        person = await h.join("v")
        await opening(h)
        await set_period(database, await h.period(), calls_per_minute=0)
        await ticker(h)
        numbers = order(SEED, "essai", 21, VALUE)
        best = sorted(robots, key=lambda one: numbers[one.ticket.entry])[:3]
        assert [(await proved(h, one)).ticket.number for one in best] == [22, 23, 24]
        whole = script("draw/entered")
        assert "owes and not taken" in whole
        endless = whole.replace("owes and not taken", "false")
        h.room.line._scripts["draw/entered"] = h.redis.register_script(endless)
        paid = [await proved(h, one) for one in best]
        assert [one.ticket.number for one in paid] == [numbers[one.ticket.entry] for one in best]
        assert min(one.ticket.number for one in paid) < again(h, person).number


server = pytest.mark.asyncio(loop_scope="module")


async def taking(ground: Ground, **values: Any) -> AttackSiege:
    """A period that takes entries for a draw, and asks for a proof unless `values` say otherwise."""
    fields = {"id": f"tirage-{next(ground._names)}", "proof": True, "public_value": VALUE} | values
    siege = AttackSiege(ground, await make_draw(ground.db, **fields))

    async def known() -> bool:
        return (await siege.person().ask("GET", f"/periodes/{siege.period.id}")).status == 200

    await until(known, 5, "the process knows the row, which it reads once a second")
    return siege


async def drawn(siege: AttackSiege) -> None:
    """The instant comes, and the order is drawn; nobody is called."""
    room = siege.ground.hall.room
    await siege.set(opens_at=now_ms() - 1000, calls_per_minute=0)
    await room.entries.freeze(await siege.ground.hall.period(siege.period.id))
    await schedule.open_due(siege.ground.db, now_ms())
    await siege.ground.hall.room.calls.turn(await siege.ground.hall.period(siege.period.id), True)
    stranger = siege.person()

    async def known() -> bool:
        found = await stranger.ask("GET", f"/api/v1/periods/{siege.period.id}")
        return found.json()["draw"]["seed"] is not None

    await until(known, 5, "the process knows the row, which it reads once a second")


async def shown(person: Attacker) -> str:
    """The page of the room as this person sees it."""
    page = await person.ask("GET", f"/periodes/{person.period}", Accept="text/html")
    assert page.status == 200
    return page.body.decode()


def plus(proof: str) -> str:
    """A proof as a form sends it."""
    return proof.replace("+", "%2B")


@server
async def test_an_entry_by_call_needs_a_proof_and_one_proof_gives_one_entry(battlefield: Ground) -> None:
    """403 with where a challenge is, however fresh the cookie; one proof is one entry, for one of ten; whoever has an
    entry needs none."""
    siege = await taking(battlefield)
    robot = siege.person()
    for visitor in (battlefield.tickets.new_visitor(), battlefield.tickets.new_visitor()):
        refused = await siege.person({"visitor": visitor}).join()
        assert (refused.status, refused.code, refused.json()["cause"]) == (403, "proof_required", "missing")
    body = {"proof": await work(robot)}
    answers = await asyncio.gather(*(siege.person().ask("POST", "tickets", body) for _ in range(10)))
    given = [answer for answer in answers if answer.status == 201]
    assert [(one.json()["entry"], "proof" in one.json()) for one in given] == [(1, False)]
    assert {a.json()["cause"] for a in answers if a.status != 201} == {"spent"}
    holder = siege.person(given[0].cookies())
    assert (await holder.join()).status == 200
    foreign = (await siege.person().ask("POST", "tickets", {"proof": PROOF})).json()["cause"]
    assert foreign in {"invalid", "expired"}  # it was made when the tests began, and lasts ten minutes


@server
async def test_without_the_terms_a_robot_would_have_as_many_lots_as_it_asks_for(
    battlefield: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: the rules of a proof left out for entries, each fresh cookie is one more lot."""
    siege = await taking(battlefield)

    async def none(_rules: JoinRules, *_asked: object) -> JoinTerms:
        return JoinTerms.PLAIN

    monkeypatch.setattr(JoinRules, "terms", none)
    given = [(await siege.person().join()).json() for _ in range(5)]
    assert [(one["entry"], "proof" in one) for one in given] == [(n, False) for n in range(1, 6)]


@server
async def test_the_countdown_page_gives_the_entry_first_and_counts_it_after_the_proof(
    battlefield: Ground,
) -> None:
    """Pressed, it is kept and the page says what is asked and until when; a wrong proof costs nothing; a right one
    makes it an entry like any other, and the page says that."""
    siege = await taking(battlefield)
    person = siege.person()
    assert "Une vérification suit l’inscription" in await shown(person)
    assert await press(person) == 303
    page = await shown(person)
    for words in (
        "inscription au tirage est réservée",
        "Tirage dans",
        "attendez jusqu’à",
        "proof.js",
        "draw.js",
    ):
        assert words in page
    assert "quitter" not in page
    me = await person.me()
    assert (me["state"], me["entry"], me["number"]) == ("entered", 1, None)
    assert me["proof"]["challenge"] == f"/api/v1/periods/{siege.period.id}/challenge"
    assert (await person.watch())[0] == 1013
    assert await press(person) == 303, "too early: nothing changes"
    assert "proof" in await person.me()
    form = f"/periodes/{siege.period.id}/joindre"
    refused = await person.ask("POST", form, b"proof=abcd", Accept="text/html", Content_Type=FORM)
    assert refused.status == 403
    assert "La vérification n’a pas réussi" in refused.body.decode()
    assert "proof.js" not in refused.body.decode()
    assert await press(person, proof=plus(await work(person))) == 303
    me = await person.me()
    assert (me["entry"], "proof" in me) == (1, False)
    assert "inscription au tirage est enregistrée" in await shown(person)
    await drawn(siege)
    assert (await person.me())["number"] == 1


@server
async def test_a_minute_of_waiting_is_as_good_for_an_entry(battlefield: Ground) -> None:
    """After it the button makes the entry one like any other; within the last minute the page says that it is too late
    for that, and what happens then."""
    siege = await taking(battlefield)
    person = siege.person()
    await press(person)
    ticket = battlefield.tickets.read(person.ticket)
    assert ticket is not None
    person.jar[f"ticket-{siege.period.id}"] = battlefield.tickets.issue(
        msgspec.structs.replace(ticket, owes=now_ms() - WAIT_MS)
    )
    assert "Vous avez assez attendu" in await shown(person)
    assert await press(person) == 303
    me = await person.me()
    assert (me["entry"], "proof" in me) == (1, False)
    soon = await taking(battlefield, opens_at=now_ms() + WAIT_MS // 2)
    last = soon.person()
    await press(last)
    assert "finit après l’ouverture" in await shown(last)


@server
async def test_an_entry_not_proved_in_time_gets_a_number_behind_all(battlefield: Ground) -> None:
    """Its page says so, and its button gives the number at once, which owes; a call is told to prove itself, and its
    proof gives a number."""
    siege = await taking(battlefield)
    person, caller, good = siege.person(), siege.person(), siege.person()
    for one in (person, caller, good):
        await press(one)
    assert await press(good, proof=plus(await work(good))) == 303
    await drawn(siege)
    assert (await good.me())["number"] in (1, 2, 3)
    page = await shown(person)
    assert "n’a pas été vérifiée à temps" in page
    assert "draw.js" not in page
    assert ((await person.me())["state"], "proof" in await person.me()) == ("late", True)
    assert await press(person) == 303
    me = await person.me()
    assert (me["number"], me["state"], "proof" in me) == (4, "waiting", True)
    assert "Votre numéro est réservé" in await shown(person)
    assert (await caller.join()).json()["cause"] == "missing"
    proof = {"proof": await work(caller)}
    given = (await caller.ask("POST", "tickets", proof)).json()
    assert (given["number"], "proof" in given) == (5, False)
    await siege.call(2)
    assert siege.called == [(await good.me())["number"], 5]


@server
async def test_more_entries_than_an_address_ever_had_owe_a_proof_and_are_kept(
    limited: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parked, never thrown out: each has its entry and a way to prove itself. Neither the opening nor leaving the line
    forgives them, and whoever comes from elsewhere owes nothing."""
    siege = await taking(limited, proof=False)
    monkeypatch.setattr(limits.JoinLimits, "crowded", lambda _limits, _address: True)
    robots = [await siege.person().arrive() for _ in range(4)]
    monkeypatch.undo()
    newcomer = await siege.person().arrive()
    assert ["proof" in await one.me() for one in (*robots, newcomer)] == [True] * 4 + [False]
    freed = await robots[2].ask("POST", "tickets", {"proof": await work(robots[2])})
    assert (freed.status, freed.json()["entry"], "proof" in freed.json()) == (200, 3, False)
    await drawn(siege)
    assert all([(await one.me())["number"] in range(1, 6) for one in (robots[2], newcomer)])
    assert [(await robots[0].join()).json()["number"], "proof" in await robots[0].me()] == [6, True]
    assert (await robots[0].ask("DELETE", "tickets/me")).status == 204
    assert [(await robots[0].join()).json()["number"], "proof" in await robots[0].me()] == [7, True]
    await siege.call(2)
    await siege.call(1)
    assert siege.called == sorted([(await one.me())["number"] for one in (robots[2], newcomer)])


@pytest.mark.browser
@server
async def test_a_browser_proves_its_entry_by_itself(battlefield: Ground) -> None:
    """Press, a few seconds, and the entry is one like any other; nothing to type, nothing to recognise."""
    siege = await taking(battlefield)
    async with page_of(battlefield.url) as page:
        await page.goto(f"/periodes/{siege.period.id}")
        await page.get_by_role("button", name="S’inscrire au tirage").click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("est enregistrée")


@pytest.mark.browser
@server
@pytest.mark.slow
async def test_an_entry_that_owes_in_a_browser_from_the_press_to_a_number(battlefield: Ground) -> None:
    """A browser too weak for the work: the page counts down and is whole for axe, turns at the opening by itself, and
    leads to a number; wide and narrow."""
    siege = await taking(battlefield, opens_at=now_ms() + HOUR_MS)
    async with page_of(battlefield.url) as page:
        await page.route("**/proof.js*", lambda route: route.abort())
        await page.goto(f"/periodes/{siege.period.id}")
        await page.get_by_role("button", name="S’inscrire au tirage").click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("est réservée")
        seen = await page.locator("[data-text=countdown]").inner_text()
        await expect(page.locator("[data-text=countdown]")).not_to_have_text(seen)
        await look(page)
        await drawn(siege)
        await page.reload()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("pas été vérifiée à temps")
        await look(page)
        await page.get_by_role("button", name="Confirmer ma place").click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("Votre numéro est réservé")
