"""The pages and calls of mode draw: what a person sees before, at and after the draw, with and without scripts."""

import asyncio
import re
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import httpx
import pytest
from playwright.async_api import expect

from accounts.staff import add_operator
from foundation.clock import now_ms
from foundation.sql.database import Database
from quota.draw_order import order
from tests.integration.console.conftest import SECRET
from tests.integration.console.test_pages import served
from tests.integration.waitingroom.draw.test_entries import (
    SEED,
    VALUE,
    give_value,
    make_draw,
    opening,
    ticker,
)
from tests.integration.waitingroom.test_pages import COMPUTER, text_of, title_of
from tests.support.browsing import look, page_of
from tests.support.candidates.page_checks import assert_sound
from tests.support.rooms import Hall, hall, set_period

HERE, CALL, DESK = "/periodes/essai", "/api/v1/periods/essai", "/api/v1/operator"


@asynccontextmanager
async def place(sqlite_url: str, redis_url: str, **values: Any) -> AsyncIterator[tuple[str, Hall]]:
    """A served application with a period in mode draw, and a hall on the same stores that ticks when told."""
    db = Database(sqlite_url)
    await db.write(lambda conn: add_operator(conn, "agnes", SECRET, now_ms()))
    await make_draw(db, **values)
    try:
        async with hall(db, redis_url) as h:
            with served(sqlite_url, redis_url) as url:
                yield url, h
    finally:
        await db.close()


def browser(url: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=url, headers={"User-Agent": COMPUTER, "Sec-Fetch-Site": "same-origin"})


async def when(
    ask: Callable[[], Awaitable[httpx.Response]], true: Callable[[httpx.Response], bool]
) -> httpx.Response:
    """The answer once it is as wanted: a web process reads the period's row once a second."""
    deadline = time.monotonic() + 10
    while not true(answer := await ask()):
        assert time.monotonic() < deadline, answer.text
        await asyncio.sleep(0.05)
    return answer


async def test_the_pages_of_a_draw_without_scripts(sqlite_url: str, redis_url: str) -> None:
    """Too early, to enter, entered, waiting for the value, drawn: each page says how things stand, refreshes nothing by
    itself, and publishes what is known of the draw, never the seed before its time."""
    async with (
        place(sqlite_url, redis_url, entries_from=now_ms() + 1_800_000) as (url, h),
        browser(url) as person,
    ):

        async def page() -> httpx.Response:
            answer = await person.get(HERE)
            assert_sound(answer)
            if (await h.period()).seed is None:
                assert "http-equiv" not in answer.text and SEED not in answer.text.replace("<wbr>", "")
            return answer

        early = await page()
        assert title_of(early).startswith("Tirage à venir")
        assert "ne sont pas encore ouvertes" in text_of(early) and "disabled" in early.text
        assert str((await h.period()).commitment) in early.text.replace("<wbr>", "")
        assert (await person.post(f"{HERE}/joindre")).status_code == 200, "no entry, and the page says why"
        await set_period(h.db, await h.period(), entries_from=now_ms() - 1000)
        open_ = await when(page, lambda a: "les mêmes chances" in text_of(a))
        assert title_of(open_).startswith("Tirage : s’inscrire")
        assert (await person.post(f"{HERE}/joindre")).status_code == 303
        entered = await page()
        assert title_of(entered).startswith("Inscription au tirage")
        assert "nº 1" in text_of(entered) and "les numéros du Lotto 6/49" in text_of(entered)
        assert (await person.get(f"{HERE}/quitter")).status_code == 303, "there is nothing to give up"
        assert "n’est pas encore tiré" in text_of(await person.get(f"{HERE}/tirage?inscription=1"))
        await opening(h)
        await ticker(h)
        late = await when(page, lambda a: "attend la valeur publique" in text_of(a))
        assert "nº 1" in text_of(late)
        async with browser(url) as other:
            door = await other.get(HERE)
            assert "Se connecter" in text_of(door)
            assert (await other.post(f"{HERE}/joindre")).status_code == 303
            assert "Personnes avant vous 1" in text_of(await other.get(HERE))
        await give_value(h)
        await ticker(h)
        await when(page, lambda a: "C’est votre tour" in title_of(a))
        check = await when(
            lambda: person.get(f"{HERE}/tirage?inscription=1"), lambda a: "reçu le numéro" in text_of(a)
        )
        assert SEED in check.text.replace("<wbr>", "") and VALUE in check.text
        assert "Il n’y a pas d’inscription" in text_of(await person.get(f"{HERE}/tirage?inscription=2"))
        assert_sound(check)


async def test_the_first_page_names_a_draw_in_each_of_its_states(sqlite_url: str, redis_url: str) -> None:
    """Announced, late to take entries, taking them, entered: the list of periods says so and leads to the next step."""
    begins = now_ms() + 1_800_000
    async with (
        place(sqlite_url, redis_url, state="announced", entries_from=begins) as (url, h),
        browser(url) as person,
    ):
        soon = await person.get("/")
        assert_sound(soon)
        assert "L’ordre d’appel sera tiré" in text_of(soon) and "Se préparer" in text_of(soon)
        await set_period(h.db, await h.period(), entries_from=now_ms() - 1000)
        late = await when(lambda: person.get(HERE), lambda a: "Les inscriptions sont retardées" in text_of(a))
        assert_sound(late)
        await set_period(h.db, await h.period(), state="armed")
        await when(lambda: person.get("/"), lambda a: "S’inscrire au tirage" in text_of(a))
        assert (await person.post(f"{HERE}/joindre")).status_code == 303
        assert "Voir mon inscription" in text_of(await person.get("/"))
        await set_period(h.db, await h.period(), opens_at=now_ms() - 1000)
        async with browser(url) as other:
            delayed = await when(lambda: other.get(HERE), lambda a: "retardée" in title_of(a))
            assert "n’a encore de numéro" in text_of(delayed)


async def test_a_period_without_a_draw_has_no_page_of_it(sqlite_url: str, redis_url: str) -> None:
    """First come, first served: there is nothing to check."""
    async with place(sqlite_url, redis_url, mode="fifo", value_is=None) as (url, _), browser(url) as person:
        assert (await person.get(f"{HERE}/tirage")).status_code == 404
        found = (await person.get(CALL)).json()
        assert (found["mode"], found["draw"]) == ("fifo", None)
        assert (await person.post(f"{CALL}/tickets")).json()["code"] == "room_not_open"


async def test_the_calls_of_a_draw(sqlite_url: str, redis_url: str) -> None:
    """Join, repeat, position, leave and feed of an entry, by the contract; then the same ticket is a number."""
    async with place(sqlite_url, redis_url) as (url, h), browser(url) as client:
        key = {"Idempotency-Key": secrets.token_hex(16)}
        first = await client.post(f"{CALL}/tickets", headers=key)
        again = await client.post(f"{CALL}/tickets", headers=key)
        assert (first.status_code, again.status_code) == (201, 200)
        entry = first.json()
        assert (entry["state"], entry["entry"], entry["number"], entry["ahead"]) == ("entered", 1, None, None)
        assert entry["opens_at"] == (await client.get(CALL)).json()["opens_at"]
        bearer = {"Authorization": f"Bearer {entry['ticket']}"}
        client.cookies.clear()
        for _ in range(2):
            assert (await client.delete(f"{CALL}/tickets/me", headers=bearer)).status_code == 204
        me = await client.get(f"{CALL}/tickets/me", headers=bearer)
        assert me.json()["entry"] == 1
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(f"{url}{CALL}/live", headers=bearer) as socket,
        ):
            assert (await socket.receive()).data == 1013
        shown = (await client.get(CALL)).json()
        assert shown["mode"] == "draw"
        assert {name for name, value in shown["draw"].items() if value is None} == {
            "entries",
            "value",
            "seed",
            "drawn_at",
        }
        await opening(h)
        await ticker(h)
        await when(lambda: client.get(CALL), lambda a: a.json()["draw"]["entries"] == 1)
        late = (
            await client.post(f"{CALL}/tickets", headers={"Idempotency-Key": secrets.token_hex(16)})
        ).json()
        client.cookies.clear()
        behind = {"Authorization": f"Bearer {late['ticket']}"}
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(f"{url}{CALL}/live", headers=behind) as socket,
        ):
            for _ in range(2):
                frame = (await socket.receive()).json()
                assert (frame["number"], frame["ahead"], frame["state"]) == (2, 1, "waiting")
                assert frame["estimated_wait_seconds"] is None
                await set_period(h.db, await h.period(), notice="avis")
        await give_value(h)
        await ticker(h)
        now = await when(
            lambda: client.get(f"{CALL}/tickets/me", headers=bearer), lambda a: a.json()["state"] != "entered"
        )
        assert now.json()["number"] == order(SEED, "essai", 1, VALUE)[1]
        assert (await client.get(CALL)).json()["draw"]["seed"] == SEED
        assert (await client.post(f"{CALL}/tickets", headers=bearer)).json()["number"] == 1


@pytest.mark.slow
async def test_the_operators_calls_of_a_draw(sqlite_url: str, redis_url: str) -> None:
    """A draft says its rule, the announcement freezes it; the value is recorded, by call and on the page, and is final
    after the freeze; each is on the record."""
    async with place(sqlite_url, redis_url) as (url, h), browser(url) as desk:
        await desk.post(f"{DESK}/session", json={"username": "agnes", "password": SECRET})
        draft = {"id": "p2", "programme": "demo", "opens_at": "2099-06-15T08:30", "mode": "draw"}
        wrong = await desk.post(f"{DESK}/periods", json=draft)
        assert (wrong.status_code, wrong.json()["fields"][0]["name"]) == (422, "value_is")
        late = draft | {"value_is": "Lotto", "entries_from": "2099-06-15T08:31"}
        assert (await desk.post(f"{DESK}/periods", json=late)).json()["fields"][0]["name"] == "entries_from"
        other = await desk.post(f"{DESK}/periods", json=draft | {"mode": "fifo", "value_is": "Lotto"})
        assert other.json()["fields"][0]["name"] == "value_is"
        assert (await desk.post(f"{DESK}/periods", json=draft | {"mode": "lifo"})).status_code == 422
        made = await desk.post(f"{DESK}/periods", json=draft | {"value_is": "Lotto"})
        assert (made.status_code, made.json()["draw"]["commitment"]) == (201, None)
        changed = await desk.put(f"{DESK}/periods/p2/mode", json={"mode": "draw", "value_is": "Lotto 6/49"})
        assert changed.json()["draw"]["value_is"] == "Lotto 6/49"
        gone_past = {"override_reason": "sans ticker"}  # none runs here
        announced = (await desk.post(f"{DESK}/periods/p2/announce", json=gone_past, timeout=30)).json()
        assert len(announced["draw"]["commitment"]) == 64
        refused = await desk.put(f"{DESK}/periods/p2/mode", json={"mode": "fifo"})
        assert (refused.status_code, refused.json()["code"]) == (409, "move_not_allowed")
        assert (await desk.put(f"{DESK}/periods/essai/value", json={"value": "1\n2"})).status_code == 422
        assert (await desk.put(f"{DESK}/periods/essai/value", json={"value": "01"})).json()["draw"][
            "value"
        ] == "01"
        page = await desk.get("/operateur?periode=essai")
        assert "Valeur publique" in text_of(page) and SEED not in page.text
        assert (await desk.post("/operateur/periodes/essai/value", data={"value": ""})).status_code == 422
        assert (await desk.post("/operateur/periodes/essai/value", data={"value": VALUE})).status_code == 303
        await opening(h)
        await h.room.entries.freeze(await h.period())
        refused = await desk.put(f"{DESK}/periods/essai/value", json={"value": "02"})
        assert (refused.status_code, refused.json()["code"]) == (409, "move_not_allowed")
        await ticker(h)
        page = await desk.get("/operateur?periode=essai")
        for words in ("L’ordre est tiré", "Valeur publique du tirage", "Inscriptions closes", "Tirage"):
            assert words in text_of(page)


@pytest.mark.slow
@pytest.mark.browser
async def test_the_draw_in_a_browser(sqlite_url: str, redis_url: str) -> None:
    """The countdown moves by itself, the page turns at each instant without a press, the entry becomes a number, and
    the number can be checked; axe finds nothing, also at 320 px."""
    async with place(sqlite_url, redis_url, entries_from=now_ms() + 1_800_000, calls_per_minute=0) as (
        url,
        h,
    ):
        async with page_of(url) as page:
            await page.goto(HERE)
            await look(page, "20-draw-soon")
            begins = now_ms() + 5_000
            await set_period(h.db, await h.period(), entries_from=begins)
            async with asyncio.timeout(20):  # the instant was moved: only in a test does a page not know it
                while "ne sont pas encore" in await page.locator("main").inner_text():
                    await page.reload()
                    if re.fullmatch(r"[1-5] s", await page.locator("[data-text=countdown]").inner_text()):
                        break
            seen = await page.locator("[data-text=countdown]").inner_text()
            await expect(page.locator("[data-text=countdown]")).not_to_have_text(seen)
            await expect(page).to_have_title(re.compile("^Tirage : s’inscrire"))
            await look(page, "21-draw-entries")
            await page.get_by_role("button", name="S’inscrire au tirage").click()
            await expect(page.get_by_role("heading", level=1)).to_contain_text("est enregistrée")
            await look(page, "22-draw-entered")
            await opening(h)
            await ticker(h)
            async with asyncio.timeout(20):  # the instant was moved: only in a test does a page not know it
                while "attend la valeur publique" not in await page.locator("main").inner_text():
                    await page.reload()
            await look(page, "23-draw-late")
            await give_value(h)
            await ticker(h)
            await expect(page.locator("main")).to_contain_text("Votre numéro d’attente")
            await look(page, "24-draw-waiting")
            await page.get_by_role("link", name="Vérifier mon numéro").click()
            await expect(page.locator("main")).to_contain_text("a reçu le numéro d’attente 1")
            await look(page, "25-draw-check")
            await page.goto("/operateur")
            await page.get_by_label("Nom d’utilisateur").fill("agnes")
            await page.get_by_label("Mot de passe").fill(SECRET)
            await page.get_by_role("button", name="Se connecter").click()
            await expect(page.locator("main")).to_contain_text("L’ordre est tiré")
            await look(page, "26-draw-operator")
