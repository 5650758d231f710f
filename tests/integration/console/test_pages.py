"""The operators' page: who sees it, what it shows of the day, what its buttons and forms do."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from playwright.async_api import expect

from accounts import staff
from accounts.second_factor import totp
from accounts.staff import add_operator
from accounts.store import session
from config.app import create_app
from config.settings import Settings
from foundation.clock import montreal, now_ms
from foundation.sql.database import Database
from quota.moves import operating
from tests.integration.console.conftest import SECRET, ConsolePlace
from tests.support.browsing import look, page_of
from tests.support.casework.released import released
from tests.support.desks import make_desk
from tests.support.processes.serving import serving
from tests.support.rooms import HOUR_MS, KEYS, make_period, read_period
from waitingroom.line import restorations
from waitingroom.line.setbacks import Setback


async def test_the_page_asks_who_it_is(place: ConsolePlace) -> None:
    """Without a session the page is its sign-in, the parts are 401, and a pressed button leads to the sign-in."""
    period = await make_period(place.db)
    door = await place.nobody.get("/operateur")
    assert door.status_code == 200
    assert "Connexion des opérateurs" in door.text
    assert "Jetons en cours" not in door.text
    assert (await place.nobody.get("/operateur/jour?periode=essai")).status_code == 401
    pressed = await place.nobody.post("/operateur/periodes/essai/pause")
    assert (pressed.status_code, pressed.headers["location"]) == (303, "/operateur?note=session")
    assert await read_period(place.db, period) == period


async def test_signing_in_on_the_page(place: ConsolePlace) -> None:
    """The form opens the day; a wrong password says so and keeps the name that was typed, never the password."""
    wrong = await place.nobody.post(
        "/operateur/connexion", data={"username": "agnès<b>", "password": "faux faux"}
    )
    assert wrong.status_code == 401
    assert "agnès&lt;b&gt;" in wrong.text
    assert "faux faux" not in wrong.text
    right = await place.nobody.post("/operateur/connexion", data={"username": "agnes", "password": SECRET})
    assert (right.status_code, right.headers["location"]) == (303, "/operateur")
    assert "HttpOnly" in right.headers["set-cookie"]
    empty = await place.nobody.get("/operateur")
    assert "Aucune période" in empty.text


async def seen_minutes_ago(place: ConsolePlace, minutes: int) -> None:
    """Nobody has pressed anything at any desk for so long."""
    at = now_ms() - minutes * 60_000
    await place.db.write(lambda conn: conn.execute(sa.update(session).values(seen_at=at)))


async def test_a_page_that_is_left_open_does_not_keep_the_desk_open(place: ConsolePlace) -> None:
    """Its refreshes, with and without scripts, go on for half an hour; what is pressed begins it anew."""
    await make_period(place.db)
    polls = ("/operateur/jour?periode=essai", "/operateur?periode=essai&depuis=1&auto=1")
    assert "&amp;auto=1" in (await place.operator.get("/operateur")).text
    for _ in range(2):
        await seen_minutes_ago(place, 28)
        for poll in polls:
            assert (await place.operator.get(poll)).status_code == 200
        rows = await place.db.read(lambda conn: conn.execute(sa.select(session.c.seen_at)))
        assert now_ms() - rows.scalar_one() >= 28 * 60_000
        await place.operator.get(f"{polls[0]}&presence=1")
        rows = await place.db.read(lambda conn: conn.execute(sa.select(session.c.seen_at)))
        assert now_ms() - rows.scalar_one() < 60_000, "somebody moved at the desk"
    await seen_minutes_ago(place, 32)
    ended = await place.operator.get(polls[0], headers={"accept": "application/json"})
    assert (ended.status_code, ended.json()["code"]) == (401, "session_ended")
    assert "Votre session a pris fin" in (await place.operator.get("/operateur")).text
    called = await place.operator.get("/api/v1/operator/periods")
    assert (called.status_code, called.json()["code"]) == (401, "session_ended")


async def test_an_operator_reads_what_is_said_of_their_account(place: ConsolePlace) -> None:
    """That it has no second factor, until it has one; and what others tried, until the next sign-in."""
    assert "n’a pas de code à six chiffres" in (await place.operator.get("/operateur")).text
    for _ in range(3):
        await place.nobody.post("/operateur/connexion", data={"username": "agnes", "password": "faux"})
    door = (await place.nobody.get("/operateur")).text
    assert 'name="code"' in door and "one-time-code" in door
    secret = totp.new()
    stored = place.desk.accounts.totp.encrypt(secret, totp.field("agnes"))
    await place.db.write(lambda conn: staff.set_totp(conn, "agnes", stored, now_ms()))
    one = place.browser()
    code = totp.code_at(secret, now_ms() // 1000 // totp.STEP_SECONDS)
    fields = {"username": "agnes", "password": SECRET, "code": f" {code[:3]} {code[3:]} "}
    headers = {"cookie": f"known={place.operator.cookies['known']}"}
    assert (await one.post("/operateur/connexion", data=fields, headers=headers)).status_code == 303
    text = (await one.get("/operateur")).text
    assert "n’a pas de code" not in text
    assert "3 essais de connexion manqués" in text
    await one.aclose()


async def test_an_operator_whose_browser_refuses_cookies_is_told_so(place: ConsolePlace) -> None:
    """The right password answers with the reason, the name that was typed, and no session; not with an empty form."""
    page = await place.nobody.get("/operateur")
    assert 'name="cookie_check"' in page.text
    place.nobody.cookies.clear()
    form = {"username": "agnes", "password": SECRET, "cookie_check": "1"}
    answer = await place.nobody.post("/operateur/connexion", data=form)
    assert answer.status_code == 403
    assert "Votre navigateur refuse les témoins" in answer.text and 'value="agnes"' in answer.text
    assert SECRET not in answer.text
    assert (await place.nobody.post("/operateur/connexion", data=form)).headers["location"] == "/operateur"


async def test_the_day(place: ConsolePlace) -> None:
    """State, figures, graphs with their table, the age of the last beat and the last moves are on the page."""
    period = await make_period(place.db, ticked_at=now_ms(), accepted=12, held=15)
    await place.figures(period, now_ms() // 2_000 * 2_000 - 60_000, 30)
    await place.operator.post("/operateur/periodes/essai/pause")
    text = (await place.operator.get("/operateur")).text
    for part in ("En pause", "Dernier battement du service il y a", "sur 50", "Mise en pause", "agnes", "Reprendre",
                 "<table", 'aria-label="Demandes acceptées', "chart__line", "Fermer…", "Rythme"):  # fmt: skip
        assert part in text, part
    assert "Mettre en pause" not in text
    assert "style=" not in text
    assert "Le service ne bat plus" not in text


async def test_a_silent_service_is_said(place: ConsolePlace) -> None:
    """When no tick came for some seconds the page says that nobody is called, and that no number is lost."""
    await make_period(place.db, ticked_at=now_ms() - 60_000)
    text = (await place.operator.get("/operateur")).text
    assert "Le service ne bat plus" in text
    assert "il y a 60" in text


async def test_what_a_copy_has_lost_is_said(place: ConsolePlace) -> None:
    """Of when the copy is and what it lacks, on the page and among what its script fetches, until somebody knows."""
    period = await make_period(place.db)
    found = Setback(known_at=1_781_354_000_000, numbers=[4, 9], submissions=1)
    await place.db.write(lambda conn: restorations.record(conn, period, found, 3, now_ms()))
    for path in ("/operateur", "/operateur/jour?periode=essai"):
        text = (await place.operator.get(path)).text
        for part in ("La base de données vient d’une copie", "1 demande acceptée depuis n’y est pas",
                     "2 numéros appelés ou rendus depuis", "--acknowledge essai"):  # fmt: skip
            assert part in text, part
    await place.db.write(lambda conn: restorations.acknowledge(conn, "essai", "agnes", now_ms()))
    assert "vient d’une copie" not in (await place.operator.get("/operateur")).text


async def test_buttons_of_the_page(place: ConsolePlace) -> None:
    """Each button does its move and says so; closing asks first; what is not allowed says why."""
    period = await make_period(place.db)
    for action in ("pause", "resume", "suspend", "resume"):
        done = await place.operator.post(f"/operateur/periodes/essai/{action}")
        assert (done.status_code, done.headers["location"]) == (
            303,
            f"/operateur?periode=essai&fait={action}",
        )
    refused = await place.operator.post("/operateur/periodes/essai/resume")
    assert refused.status_code == 409
    assert "ne permet pas cette action" in refused.text
    ask = await place.operator.get("/operateur/periodes/essai/close")
    assert "Cela ne se défait pas" in ask.text
    assert (await read_period(place.db, period)).state == "open"
    await place.operator.post("/operateur/periodes/essai/close")
    assert (await read_period(place.db, period)).state == "closed"
    closed = (await place.operator.get("/operateur?periode=essai")).text
    assert "Annuler la période…" in closed and "Reprendre" not in closed
    for nothing in ("open", "reach_cap", "create", "delete"):
        assert (await place.operator.post(f"/operateur/periodes/essai/{nothing}")).status_code == 404


async def test_forms_of_the_page(place: ConsolePlace) -> None:
    """Pace takes numbers as people write them; what was typed wrong is kept and explained."""
    period = await make_period(place.db)
    typed = {"calls_per_minute": "1 200", "most_live_tokens": ""}
    await place.operator.post("/operateur/periodes/essai/pace", data=typed)
    assert (await read_period(place.db, period)).calls_per_minute == 1_200
    wrong = await place.operator.post("/operateur/periodes/essai/pace", data={"calls_per_minute": "beaucoup"})
    assert wrong.status_code == 422
    assert "beaucoup" in wrong.text
    assert "doit être un nombre entier" in wrong.text
    await place.operator.post("/operateur/periodes/essai/notice", data={"text": "<b>Bonjour</b>\r\nà tous"})
    assert (await read_period(place.db, period)).notice == "<b>Bonjour</b>\nà tous"
    assert "&lt;b&gt;Bonjour" in (await place.operator.get("/operateur")).text
    await place.operator.post("/operateur/periodes/essai/clear_notice")
    assert (await read_period(place.db, period)).notice is None


async def test_arming_on_the_page_takes_a_colleague(place: ConsolePlace) -> None:
    """The form asks for cap and opening again; who announced is refused, and what differs stands beside its field."""
    opens_at = now_ms() // 60_000 * 60_000 + HOUR_MS
    period = await make_period(
        place.db, state="announced", opens_at=opens_at, closes_at=opens_at + HOUR_MS, announced_by="agnes"
    )
    one = "/operateur/periodes/essai/arm"
    form = await place.operator.get("/operateur/periodes/essai/verification")
    assert 'name="opens_at"' in form.text and 'name="version" value="1"' in form.text
    typed = {"cap": "50", "opens_at": montreal(opens_at).strftime("%Y-%m-%dT%H:%M"), "version": "1"}
    alone = await place.operator.post(one, data=typed)
    assert (alone.status_code, "Il faut une deuxième personne" in alone.text) == (409, True)
    second = await place.colleague()
    wrong = await second.post(one, data=typed | {"cap": "51"})
    assert (wrong.status_code, "n’est pas ce qui a été annoncé" in wrong.text) == (409, True)
    assert 'value="51"' in wrong.text
    armed = await second.post(one, data=typed)
    assert (armed.status_code, armed.headers["location"]) == (303, "/operateur?periode=essai&fait=arm")
    assert (await read_period(place.db, period)).state == "armed"
    await second.aclose()


async def test_annulling_on_the_page(place: ConsolePlace) -> None:
    """It asks why first; without a word nothing happens; afterwards the day says it, with the reason."""
    period = await make_period(place.db, accepted=2, held=3)
    one = "/operateur/periodes/essai/annul"
    ask = await place.operator.get(one)
    assert "Cela ne se défait pas" in ask.text and "une personne suffit" in ask.text
    empty = await place.operator.post(one, data={"reason": " "})
    assert (empty.status_code, "doit dire pourquoi" in empty.text) == (422, True)
    assert await read_period(place.db, period) == period
    done = await place.operator.post(one, data={"reason": "Ouverte par <b>accident"})
    assert (done.status_code, done.headers["location"]) == (303, "/operateur?periode=essai&fait=annul")
    day = (await place.operator.get("/operateur?periode=essai")).text
    assert "Annulée" in day and "Motif\N{NO-BREAK SPACE}: Ouverte par &lt;b&gt;accident" in day


async def test_a_stale_form_comes_back_with_both_values(place: ConsolePlace) -> None:
    """What a colleague set stands beside what was typed, which is still in the form; sent again, it counts."""
    period = await make_period(place.db)
    stale = {"version": str(period.edit_version), "calls_per_minute": "240", "most_live_tokens": "100"}
    await place.db.write(lambda conn: operating.set_pace(conn, period.uid, 1_200, 100, "boris", now_ms()))
    refused = await place.operator.post("/operateur/periodes/essai/pace", data=stale)
    assert refused.status_code == 409
    assert "En vigueur maintenant" in refused.text
    assert "1\N{NO-BREAK SPACE}200</td>" in refused.text
    assert 'value="240"' in refused.text
    assert (await read_period(place.db, period)).calls_per_minute == 1_200
    fresh = refused.text.partition('name="version" value="')[2].partition('"')[0]
    again = await place.operator.post("/operateur/periodes/essai/pace", data=stale | {"version": fresh})
    assert again.status_code == 303
    assert (await read_period(place.db, period)).calls_per_minute == 240
    text = {"version": str(period.edit_version), "text": "Un incident."}
    lost = await place.operator.post("/operateur/periodes/essai/notice", data=text)
    assert lost.status_code == 409
    assert "Un incident.</textarea>" in lost.text


async def test_one_look_a_page(place: ConsolePlace) -> None:
    """However often the page refreshes itself, one line says that it was looked at."""
    await make_period(place.db)
    before = len(await place.audit())
    for path in ("/operateur", "/operateur/jour?periode=essai", "/operateur/jour?periode=essai"):
        assert (await place.operator.get(path)).status_code == 200
    lines = (await place.audit())[before:]
    assert [(line[0], line[1], line[2]["page"]) for line in lines] == [("agnes", "look", "journée")]


@contextmanager
def served(sqlite_url: str, redis_url: str) -> Iterator[str]:
    """The whole service on a free port; its address."""
    settings = Settings(
        database_url=sqlite_url, redis_url=redis_url, queue_redis_url=redis_url, secret_keys=KEYS,
        public_url="http://guichet.test", demo=True, limits=False,
    )  # fmt: skip
    with serving(create_app(settings), lifespan=True) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.mark.slow
@pytest.mark.browser
async def test_the_day_in_a_browser(sqlite_url: str, redis_url: str) -> None:
    """An operator signs in, pauses and resumes; the page follows what others do; axe finds nothing, also at 320 px."""
    db = Database(sqlite_url)
    desk = make_desk(db)
    await db.write(lambda conn: add_operator(conn, "agnes", SECRET, now_ms()))
    period = await make_period(db, ticked_at=now_ms())
    faults: list[str] = []
    with served(sqlite_url, redis_url) as url:
        async with page_of(url) as page:
            page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
            await page.goto("/operateur")
            await page.get_by_label("Nom d’utilisateur").fill("agnes")
            await page.get_by_label("Mot de passe").fill(SECRET)
            await page.get_by_role("button", name="Se connecter").click()
            await page.get_by_role("button", name="Mettre en pause").click()
            await expect(page.get_by_text("La période est en pause.")).to_be_visible()
            await expect(page).to_have_title("En pause – essai – Guichet des demandes")
            await db.write(lambda conn: operating.suspend(conn, period.uid, "boris", now_ms()))
            await expect(page.get_by_text("Suspendue", exact=True)).to_be_visible()
            await expect(page.get_by_text("boris", exact=True)).to_be_visible()
            await page.get_by_role("button", name="Reprendre").click()
            await expect(page.get_by_text("La période a repris.")).to_be_visible()
            await look(page, "operateur")
            await page.get_by_role("button", name="Arrêt d’urgence").click()
            await expect(page.get_by_text("Les appels et les soumissions sont arrêtés.")).to_be_visible()
            await page.get_by_role("link", name="Registre complet").click()
            await expect(page.get_by_role("heading", name="Registre des actions")).to_be_visible()
            await look(page, "registre")
            await page.goto("/operateur/periodes/essai/verification")
            await expect(page.get_by_role("heading", name="Ce qui va se passer")).to_be_visible()
            await look(page, "verification")
    assert faults == []
    desk.accounts.hasher.close()
    await db.close()


@pytest.mark.slow
@pytest.mark.browser
async def test_a_colleague_is_seen_within_two_seconds(sqlite_url: str, redis_url: str) -> None:
    """Pace, notice and the act itself, on a page that nobody touches."""
    db = Database(sqlite_url)
    await db.write(lambda conn: add_operator(conn, "agnes", SECRET, now_ms()))
    period = await make_period(db, ticked_at=now_ms())
    with served(sqlite_url, redis_url) as url:
        async with page_of(url) as page:
            await page.goto("/operateur")
            await page.get_by_label("Nom d’utilisateur").fill("agnes")
            await page.get_by_label("Mot de passe").fill(SECRET)
            await page.get_by_role("button", name="Se connecter").click()
            await expect(page.get_by_role("heading", name="Dernières actions")).to_be_visible()
            await db.write(lambda conn: operating.set_pace(conn, period.uid, 1_234, 100, "boris", now_ms()))
            await db.write(
                lambda conn: operating.set_notice(conn, period.uid, "Un incident.", "boris", now_ms())
            )
            began = time.monotonic()
            await expect(page.get_by_text("« Un incident. »").first).to_be_visible()
            await expect(page.get_by_text("boris").first).to_be_visible()
            assert time.monotonic() - began < 2.5
    await db.close()


@pytest.mark.slow
@pytest.mark.browser
async def test_released_places_in_a_browser(sqlite_url: str, redis_url: str) -> None:
    """The balance and the periods that offer it, wide and narrow; where more is offered than released, the page says
    so."""
    db = Database(sqlite_url)
    await db.write(lambda conn: add_operator(conn, "agnes", SECRET, now_ms()))
    await released(db, 2)
    await make_period(db, id="reprise-automne-2016", ordinal=2, state="announced", cap=3, from_released=True)
    with served(sqlite_url, redis_url) as url:
        async with page_of(url) as page:
            await page.goto("/operateur?periode=reprise-automne-2016")
            await page.get_by_label("Nom d’utilisateur").fill("agnes")
            await page.get_by_label("Mot de passe").fill(SECRET)
            await page.get_by_role("button", name="Se connecter").click()
            await page.goto("/operateur?periode=reprise-automne-2016")
            await expect(
                page.get_by_text("1 place est offerte de plus qu’il n’en est libéré")
            ).to_be_visible()
            await look(page, "places-liberees")
    await db.close()
