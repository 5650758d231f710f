"""The waiting room's pages on real stores: every state as a browser without scripts gets it."""

import importlib.util
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from starlette.applications import Starlette

from config.assets import STATIC, renderer
from foundation.clock import now_ms
from foundation.sql.database import Database
from publicsite.pages import PublicPages
from quota import store
from quota.store import Period
from server.fast_path import framework_routes
from server.problems import Problems
from server.rendering.compression import Coding
from tests.support.candidates.page_checks import assert_sound
from tests.support.rooms import HOUR_MS, Hall, hall, make_period, set_period
from tests.unit.server.rendering.test_compression import read
from waitingroom.pages import RoomPages
from waitingroom.tickets import Ticket

COMPUTER = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"

WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5"

MACINTOSH = f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {WEBKIT} Safari/605.1.15"

TELEPHONE = f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) {WEBKIT} Mobile/15E148 Safari/604.1"

HERE = "/periodes/essai"


class RoomPlace:
    """The pages around one room; browsers are httpx clients."""

    def __init__(self, hall: Hall, period: Period) -> None:
        self.hall, self.period = hall, period
        problems = Problems("http://guichet.test", renderer())
        names = {"demo": "Programme d’essai"}
        public = PublicPages(hall.room, renderer(), names, {}, False)
        rooms = RoomPages(hall.room, hall.endpoint(), renderer(), names, {}, False, public.unknown_period)
        routes = [
            *framework_routes([*public.fast_routes(), *rooms.fast_routes()]),
            *public.routes(),
            *rooms.routes(),
            *problems.routes(),
        ]
        self.app = Starlette(routes=routes, exception_handlers=problems.handlers())

    def browser(self, number: int | None = None, agent: str = COMPUTER) -> httpx.AsyncClient:
        """A browser; with a number, one that holds that ticket."""
        transport = httpx.ASGITransport(self.app)
        client = httpx.AsyncClient(
            transport=transport, base_url="http://guichet.test", headers={"User-Agent": agent}
        )
        if number is not None:
            ticket = Ticket(self.period.uid, number, secrets.token_hex(16))
            client.cookies.set("ticket-essai", self.hall.room.tickets.issue(ticket), domain="guichet.test")
        return client

    async def set(self, **values: Any) -> None:
        await set_period(self.hall.db, self.period, **values)
        await self.hall.room.periods.refresh()

    async def called(self, number: int, **values: Any) -> None:
        """A row for this number: a live token unless said otherwise."""
        calling = {"period": self.period.uid, "epoch": 1, "clock": 0, "listed_at": now_ms()}
        write = sa.insert(store.call).values(calling).returning(store.call.c.id)
        made = await self.hall.db.write(lambda conn: conn.scalar(write))
        row = {
            "period": self.period.uid, "number": number, "state": "live", "called_at": now_ms(), "called_clock": 0,
            "ends": 600_000, "jti": "j", "call": made,
        } | values  # fmt: skip
        await self.hall.db.write(lambda conn: conn.execute(sa.insert(store.token).values(row)))
        await self.set(held=1, accepted=int(row["state"] == "used"))

    @asynccontextmanager
    async def joined(self) -> AsyncIterator[httpx.AsyncClient]:
        """A browser that has pressed the button."""
        async with self.browser() as browser:
            await browser.get(HERE)
            assert (await browser.post(f"{HERE}/joindre")).status_code == 303
            yield browser

    async def last_number(self) -> int:
        return (await self.hall.look()).seq


@pytest.fixture
async def place(database: Database, redis_url: str) -> AsyncIterator[RoomPlace]:
    period = await make_period(database, ticked_at=now_ms())
    async with hall(database, redis_url) as made:
        await made.room.periods.refresh()
        yield RoomPlace(made, period)


def text_of(answer: httpx.Response) -> str:
    """What a reader sees: no markup, nothing hidden at this moment, no-break spaces as spaces."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", answer.text)).split())


def title_of(answer: httpx.Response) -> str:
    found = re.search(r"<title>(.*?)</title>", answer.text)
    assert found
    return unescape(found[1])


async def test_before_the_opening_the_button_sleeps(place: RoomPlace) -> None:
    """Before the instant: countdown, cap, device, sound; the button is inactive and says why."""
    await place.set(state="armed", opens_at=now_ms() + HOUR_MS, closes_at=now_ms() + 2 * HOUR_MS)
    async with place.browser() as browser:
        answer = await browser.get(HERE)
        assert_sound(answer)
        text = text_of(answer)
        assert re.search(r"disabled[^>]*>Se connecter", answer.text)
        for words in (
            "deviendra actif à l’ouverture",
            "59 min",
            "50 demandes",
            "ordinateur (Linux)",
            "Essayer le signal sonore",
        ):
            assert words in text
        refused = await browser.post(f"{HERE}/joindre")
        assert refused.status_code == 200 and "n’est pas encore ouverte" in text_of(refused)
    assert await place.last_number() == 0


async def test_before_the_opening_people_read_where_its_places_come_from(place: RoomPlace) -> None:
    """Of a period that offers places of unpaid applications again (ADR 0040), and of no other."""
    await place.set(state="armed", opens_at=now_ms() + HOUR_MS, closes_at=now_ms() + 2 * HOUR_MS)
    for is_again in (False, True):
        await place.set(from_released=is_again)
        async with place.browser() as browser:
            said = text_of(await browser.get(HERE))
        assert ("que des demandes non payées ont libérées" in said) is is_again


async def test_a_late_opening_says_so(place: RoomPlace) -> None:
    """Past the instant a period that nobody armed is late: nobody has a number, there is nothing to do."""
    await place.set(state="announced", opens_at=now_ms() - 1000)
    async with place.browser() as browser:
        for answer in (await browser.get(HERE), await browser.post(f"{HERE}/joindre")):
            assert_sound(answer)
            assert "Personne n’a encore de numéro" in text_of(answer)
            assert title_of(answer).startswith("Ouverture retardée")


async def test_the_button_gives_one_number(place: RoomPlace) -> None:
    """See, press, press again, reload: one number, shown at once, and refreshed under 20 s without scripts."""
    async with place.joined() as browser:
        for _ in range(2):
            again = await browser.post(f"{HERE}/joindre")
            assert (again.status_code, again.headers["location"]) == (303, HERE)
        browser.cookies.delete("ticket-essai")  # an answer that was lost on the way
        await browser.post(f"{HERE}/joindre")
        answer = await browser.get(HERE)
    assert_sound(answer)
    assert await place.last_number() == 1
    text = text_of(answer)
    assert "Votre numéro d’attente 1 Personnes avant vous 0" in text
    assert "Une place dans la file ne garantit pas" in text and "Quitter la file" in text
    refresh = re.search(
        r'<noscript><meta http-equiv="refresh" content="(\d+); url=/periodes/essai\?retour=1">', answer.text
    )
    assert refresh and int(refresh[1]) < 20


async def test_a_browser_that_refuses_cookies_spends_no_number(place: RoomPlace) -> None:
    """Without cookies the join asks the room for nothing and says how to allow them."""
    for _ in range(3):
        async with place.browser() as browser:
            browser.cookies.clear()
            answer = await browser.post(f"{HERE}/joindre")
            assert (answer.status_code, answer.headers["location"]) == (303, f"{HERE}?entree=1")
        async with place.browser() as browser:
            shown = await browser.get(f"{HERE}?entree=1")
            assert "Votre navigateur refuse les témoins" in text_of(shown)
            assert_sound(shown)
    assert await place.last_number() == 0


async def test_a_press_that_found_no_cookie_is_asked_for_again(place: RoomPlace) -> None:
    """Cookies that were cleared before the press: the page that brings a new one says that no number was given."""
    async with place.browser() as browser:
        await browser.get(HERE)
        browser.cookies.clear()
        pressed = await browser.post(f"{HERE}/joindre")
        shown = await browser.get(pressed.headers["location"])
        assert "Encore une fois, s’il vous plaît" in text_of(shown)
        assert_sound(shown)
        assert (await browser.post(f"{HERE}/joindre")).status_code == 303
        assert "Votre numéro d’attente 1" in text_of(await browser.get(HERE))


async def test_a_page_whose_cookie_is_gone_does_not_end_at_an_open_door(place: RoomPlace) -> None:
    """The page of a number leads here without one: what happened, what to do, and the same number where it is known."""
    async with place.joined() as browser:
        page = await browser.get(HERE)
        assert 'content="15; url=/periodes/essai?retour=1"' in page.text
        browser.cookies.delete("ticket-essai")
        shown = await browser.get(f"{HERE}?retour=1")
        assert title_of(shown).startswith("Numéro introuvable")
        assert "Nous ne trouvons pas votre numéro" in text_of(shown)
        assert_sound(shown)
        await browser.post(f"{HERE}/joindre")
        assert "Votre numéro d’attente 1" in text_of(await browser.get(f"{HERE}?retour=1"))


async def test_cookies_outlive_a_clock_that_is_weeks_off(place: RoomPlace) -> None:
    """A browser counts their life by the computer's clock: both last 400 days, the most that browsers keep."""
    async with place.browser() as browser:
        visitor = (await browser.get(HERE)).headers["set-cookie"]
        ticket = (await browser.post(f"{HERE}/joindre")).headers["set-cookie"]
    for cookie in (visitor, ticket):
        assert "Max-Age=34560000" in cookie


@pytest.mark.parametrize("state", ["lapsed", "left"])
@pytest.mark.parametrize(
    ("end", "words"),
    [
        ("cap_reached", "Toutes les places sont maintenant prises"),
        ("closed", "La période est terminée depuis le"),
    ],
)
async def test_a_place_that_ended_before_the_end_says_that_there_are_no_more(
    place: RoomPlace, state: str, end: str, words: str
) -> None:
    """After the last place, or the end, nobody is offered the end of a line that there is not."""
    await place.called(12, state=state)
    await place.set(state=end, accepted=50, held=50, ended_at=now_ms())
    async with place.browser(12) as browser:
        answer = await browser.get(HERE)
    assert words in text_of(answer)
    for gone in ("C’est votre tour", "fin de la file", "personne suivante", "Revenir"):
        assert gone not in text_of(answer)
    assert_sound(answer)


@pytest.mark.parametrize(
    ("seconds", "words"), [(60, "1 minute"), (90, "1 minute 30 secondes"), (600, "10 minutes")]
)
async def test_the_time_of_a_token_is_said_as_it_is(place: RoomPlace, seconds: int, words: str) -> None:
    """Before the call and after it: neither « 1 minutes » nor less than there is."""
    await place.set(token_seconds=seconds)
    await place.called(12, state="lapsed")
    async with place.browser(12) as browser:
        assert f"Le temps accordé, {words}, s’est écoulé" in text_of(await browser.get(HERE))
    async with place.joined() as waiting:
        assert f"Vous aurez {words} pour vous connecter" in text_of(await waiting.get(HERE))


async def test_one_place_is_no_plural(place: RoomPlace) -> None:
    """« Au plus 1 demande sera acceptée. »"""
    await place.set(cap=1)
    async with place.browser() as browser:
        assert "Au plus 1 demande sera acceptée" in text_of(await browser.get(HERE))


async def test_without_that_care_each_press_would_cost_a_number(place: RoomPlace) -> None:
    """The twin: asked without a visitor, the room gives a new number each time."""
    for _ in range(3):
        await place.hall.room.joins.join(await place.hall.period(), None, None, None)
    assert await place.last_number() == 3


async def test_a_telephone_is_told_what_to_do(place: RoomPlace) -> None:
    """A refused device gets a page with what we saw, why and what to do, before and after the button; no number."""
    async with place.browser(agent=TELEPHONE) as browser:
        looked = await browser.get(HERE)
        assert "un téléphone" in text_of(looked) and "joindre" not in looked.text
        pressed = await browser.post(f"{HERE}/joindre")
        assert pressed.status_code == 403 and "ouvrez cette même page sur un ordinateur" in text_of(pressed)
        assert_sound(pressed)
    assert await place.last_number() == 0


async def test_a_tablet_that_poses_as_a_macintosh_is_caught(place: RoomPlace) -> None:
    """The probe that the script fills in counts: touch points on a Macintosh are a tablet's."""
    async with place.browser(agent=MACINTOSH) as browser:
        await browser.get(HERE)
        caught = await browser.post(f"{HERE}/joindre", data={"touch_points": "5", "pointer": "coarse"})
        assert caught.status_code == 403 and "une tablette" in text_of(caught)
        real = await browser.post(f"{HERE}/joindre", data={"touch_points": "0", "pointer": "fine"})
        assert real.status_code == 303


async def test_a_place_of_another_life_is_not_recognised(place: RoomPlace) -> None:
    """A ticket that cannot be read, or of another period of this name, is explained, with a way to join again."""
    foreign = place.hall.room.tickets.issue(Ticket("elsewhere", 7, "v"))
    for text in (foreign, "v1.x.1.y.z", "%C3%A9"):
        async with place.browser() as browser:
            browser.headers["Cookie"] = f"ticket-essai={text}"
            answer = await browser.get(HERE)
            assert "Nous ne reconnaissons pas votre place" in text_of(answer) and "joindre" in answer.text


@pytest.mark.parametrize(
    ("row", "title", "words"),
    [
        ({}, "C’est votre tour", "Se connecter à mon compte"),
        ({"account": 1}, "Votre tour", "Continuer ma demande"),
        ({"state": "used", "receipt": "R-1"}, "Demande soumise", "Voir l’accusé de réception"),
        ({"state": "lapsed"}, "Délai dépassé", "Reprendre place à la fin de la file"),
        ({"state": "left"}, "File quittée", "Revenir dans la file"),
    ],
)
async def test_from_the_call_onwards_each_state_shows_its_number(
    place: RoomPlace, row: dict[str, Any], title: str, words: str
) -> None:
    """Called, redeemed, submitted, lapsed, left: each has its title, its number and the one thing to do next."""
    await place.called(1234, **row)
    async with place.browser(1234) as browser:
        answer = await browser.get(HERE)
    assert_sound(answer)
    assert title_of(answer).startswith(title)
    assert words in text_of(answer) and "1 234" in text_of(answer)


async def test_the_call_leads_to_the_sign_in_page_without_a_token_in_the_address(place: RoomPlace) -> None:
    """The redirect is announced, has a link, and carries nothing: the ticket cookie does."""
    await place.called(1)
    async with place.browser(1) as browser:
        answer = await browser.get(HERE)
    assert 'content="10; url=/periodes/essai/connexion"' in answer.text
    assert 'href="/periodes/essai/connexion"' in answer.text and "10 secondes" in text_of(answer)
    assert not re.search(r"connexion[?#]", answer.text)


async def test_a_pause_is_said_and_stops_the_countdown(place: RoomPlace) -> None:
    """Paused: why nobody is called and since when, for those who wait; the standing countdown for those called."""
    await place.set(paused=True, paused_at=now_ms(), notice="Reprise vers 9 h.")
    await place.called(900)
    async with place.browser(900) as browser:
        called = await browser.get(HERE)
    assert not re.search(r'data-show="stopped" hidden', called.text) and "est arrêté" in text_of(called)
    async with place.joined() as browser:
        waiting = await browser.get(HERE)
    assert_sound(waiting)
    assert title_of(waiting).startswith("File en pause") and "Reprise vers 9 h." in text_of(waiting)
    assert "depuis" in text_of(waiting)


@pytest.mark.parametrize(
    ("state", "words"),
    [("cap_reached", "Le nombre maximal est atteint"), ("closed", "La période est terminée")],
)
async def test_the_end_is_told_to_everybody(place: RoomPlace, state: str, words: str) -> None:
    """Quota reached or closed: how many, when; with and without a number; a late press gets the same page."""
    async with place.joined() as holder, place.browser() as other:
        await place.set(state=state, accepted=50, held=50, ended_at=now_ms())
        await other.get(HERE)
        for answer in (await holder.get(HERE), await other.get(HERE), await other.post(f"{HERE}/joindre")):
            assert_sound(answer)
            assert words in text_of(answer) and "50 demandes" in text_of(answer)
        assert "Vous aviez le numéro 1" in text_of(await holder.get(HERE))


async def test_an_annulment_is_told_to_everybody(place: RoomPlace) -> None:
    """With and without a number, called or submitted: annulled, when and why, and that nothing counts any more."""
    await place.called(900)
    await place.called(901, state="used", receipt="MPQ-00000-00000-00000-00000")
    async with (
        place.joined() as waiting, place.browser() as other, place.browser(900) as called, place.browser(901) as done,
    ):  # fmt: skip
        await other.get(HERE)
        await place.set(state="annulled", annulled_at=now_ms(), ended_at=now_ms(), annul_reason="Trop <b>tôt")
        answers = [await one.get(HERE) for one in (waiting, other, called, done)]
        for answer in (*answers, await other.post(f"{HERE}/joindre")):
            assert_sound(answer)
            text = text_of(answer)
            assert title_of(answer).startswith("Période annulée")
            assert "Cette période est annulée" in text and "Trop <b>tôt" in text and "sans effet" in text
        assert "Vous aviez le numéro 1" in text_of(answers[0])
        assert "rien n’est à payer" in text_of(answers[3])
        assert "rien n’est à payer" not in text_of(answers[2])


async def test_a_line_that_is_away_keeps_the_number_on_the_page(database: Database) -> None:
    """With Redis away the page says that it is our fault and still shows the number, as a 503 with Retry-After."""
    period = await make_period(database)
    async with hall(database, "unix:///nowhere/valkey.sock") as made:
        place = RoomPlace(made, period)
        async with place.browser(1234) as browser:
            answer = await browser.get(HERE)
    assert answer.status_code == 503 and int(answer.headers["retry-after"]) > 0
    assert "C’est notre faute" in text_of(answer) and "Votre numéro 1 234 est conservé" in text_of(answer)
    assert_sound(answer)


async def test_leaving_is_asked_first(place: RoomPlace) -> None:
    """Leaving is confirmed, twice is as once, and the way back gives a new number at the end."""
    async with place.joined() as browser:
        asked = await browser.get(f"{HERE}/quitter")
        assert_sound(asked)
        assert "Oui, quitter la file" in text_of(asked) and "numéro 1" in text_of(asked)
        for _ in range(2):
            assert (await browser.post(f"{HERE}/quitter")).status_code == 303
        assert "Vous avez quitté la file" in text_of(await browser.get(HERE))
        await browser.post(f"{HERE}/joindre")
        assert "Votre numéro d’attente 2" in text_of(await browser.get(HERE))
    async with place.browser() as stranger:
        assert (await stranger.get(f"{HERE}/quitter")).status_code == 303
        assert (await stranger.post(f"{HERE}/quitter")).status_code == 303


async def test_what_has_ended_is_not_offered_to_be_left(place: RoomPlace) -> None:
    """After a lapse there is no place to give up: the page that asks leads to the one that says so."""
    await place.called(1, state="lapsed")
    async with place.browser(1) as browser:
        asked = await browser.get(f"{HERE}/quitter")
        assert (asked.status_code, asked.headers["location"]) == (303, HERE)


async def test_a_telephone_is_promised_no_button(place: RoomPlace) -> None:
    """Before the opening too: nothing is said to become active there."""
    await place.set(state="armed", opens_at=now_ms() + HOUR_MS, closes_at=now_ms() + 2 * HOUR_MS)
    async with place.browser(agent=TELEPHONE) as browser:
        shown = text_of(await browser.get(HERE))
    assert "deviendra actif" not in shown and "restera inactif sur cet appareil" in shown


async def test_a_submission_cannot_be_left(place: RoomPlace) -> None:
    """After a submission leaving is refused with reason and remedy, and a way back to the room."""
    await place.called(1, state="used", receipt="R-1")
    async with place.browser(1) as browser:
        answer = await browser.post(f"{HERE}/quitter")
    assert answer.status_code == 409 and "Ce jeton a déjà servi" in text_of(answer)
    assert_sound(answer)


@pytest.mark.parametrize(("coding", "most"), [("br", 15_000), ("zstd", 16_000), ("gzip", 17_000)])
async def test_the_room_page_is_light(place: RoomPlace, coding: str, most: int) -> None:
    """Markup, style and script together stay under so many bytes as they are sent; nothing else is waited for."""
    async with (
        place.joined() as browser,
        browser.stream("GET", HERE, headers={"Accept-Encoding": coding}) as page,
    ):
        assert page.headers["content-encoding"] == coding
        raw = b"".join([part async for part in page.aiter_raw()])
    markup = re.sub(r"<script nomodule[^>]*>", "", read(raw, Coding(coding)).decode())
    linked = re.findall(r'(?:src|href)="/static/([\w.-]+)\?', markup)
    assert sorted(linked) == ["base.css", "room-page.js"]
    sent = len(raw) + sum(len(STATIC.file(name).copies[Coding(coding)]) for name in linked)
    assert sent < most, f"{sent} bytes on the wire"


def test_the_sound_is_what_its_script_makes() -> None:
    """The signal of the call is ours, made by the script beside it, and three times of it last under 3 s."""
    spec = importlib.util.spec_from_file_location("call_sound", Path("docs/tools/call_sound.py"))
    assert spec and spec.loader
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    made, kept = script.wav(), STATIC.path("call.wav").read_bytes()
    assert len(made) == len(kept) < 12_000
    # sin() may differ by a hair from one machine to the next.
    assert all(abs(one - other) <= 1 for one, other in zip(made, kept, strict=True))
    assert 3 * script.SECONDS < 3


async def test_browsers_that_look_alike_get_one_page_and_a_cookie_each(place: RoomPlace) -> None:
    """What is remembered of a first page is nobody's: each gets a visitor cookie of its own. Another device, coding or
    address is another page."""
    pages = []
    for agent, here in (
        (COMPUTER, HERE),
        (COMPUTER, HERE),
        (TELEPHONE, HERE),
        (COMPUTER, f"{HERE}?retour=1"),
    ):
        async with place.browser(agent=agent) as browser:
            pages.append(await browser.get(here))
    cookies = [page.cookies["visitor"] for page in pages]
    assert len(set(cookies)) == 4
    first, second, telephone, returning = (page.text for page in pages)
    assert first.partition("data-server-time")[0] == second.partition("data-server-time")[0]
    assert "Cet appareil ne peut pas servir" in telephone
    assert "Nous ne trouvons pas votre numéro" in returning
    assert not any(cookie in page.text for cookie in cookies for page in pages)
