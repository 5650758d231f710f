"""The candidate's pages in a real browser: the countdown, the lost answer, the journey without scripts, axe."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import sqlalchemy as sa
from playwright.async_api import Browser, Page, Route, expect

from config.app import create_app
from config.settings import Settings
from foundation.clock import now_ms
from foundation.sql.database import Database
from quota import store as quota_store
from submission import store as submission_store
from tests.support import desks
from tests.support.browsing import chromium, look, page_in
from tests.support.desks import Desk
from tests.support.processes.serving import serving
from tests.support.rooms import KEYS, make_period, set_period
from tests.support.tasks import confirm

pytestmark = pytest.mark.browser

HERE = "/periodes/essai"


class BrowserStage:
    """The whole service on one port, with a called number and its browser."""

    def __init__(self, url: str, desk: Desk, browser: Browser) -> None:
        self.url, self.desk, self.browser = url, desk, browser

    @asynccontextmanager
    async def called(self, seconds: int = 600, **options: object) -> AsyncIterator[Page]:
        """A page of a browser whose number 7 was called and has this many seconds left."""
        period = await make_period(self.desk.db, ticked_at=now_ms(), paused=True)
        called = await desks.call(self.desk, period, 7, ends=seconds * 1000)
        await desks.make_account(self.desk)
        self.period = period
        async with page_in(self.browser, self.url, **options) as page:
            await page.context.add_cookies(
                [{"name": "ticket-essai", "value": called.ticket, "url": self.url}]
            )
            yield page

    async def run_clock(self) -> None:
        """Let the service clock run, as seen by pages: the period is not paused and was ticked just now."""
        await set_period(self.desk.db, self.period, paused=False, ticked_at=now_ms())

    async def leave(self, milliseconds: int) -> None:
        """Move the token's end to so long from now."""
        t = quota_store.token
        await self.desk.db.write(lambda conn: conn.execute(sa.update(t).values(ends=milliseconds)))


@pytest.fixture
async def stage(sqlite_url: str, redis_url: str) -> AsyncIterator[BrowserStage]:
    db = Database(sqlite_url)
    desk = desks.make_desk(db)
    settings = Settings(
        database_url=sqlite_url, redis_url=redis_url, queue_redis_url=redis_url, secret_keys=KEYS,
        public_url="http://guichet.test", demo=True, limits=False,
    )  # fmt: skip
    async with chromium() as browser:
        with serving(create_app(settings), lifespan=True) as port:
            yield BrowserStage(f"http://127.0.0.1:{port}", desk, browser)
    desk.accounts.hasher.close()
    await db.close()


async def sign_in(page: Page) -> None:
    await page.goto(f"{HERE}/connexion")
    await page.get_by_label("Nom d’utilisateur").fill("essai-00001")
    await page.get_by_label("Mot de passe", exact=True).fill(desks.PASSWORD)
    for ordinal, answer in zip(("première", "deuxième", "troisième"), desks.ANSWERS, strict=True):
        await page.get_by_label(f"Réponse à votre {ordinal}").fill(answer)
    await page.get_by_role("button", name="Se connecter").click()
    await page.wait_for_url(f"**{HERE}/demande")


async def sign(page: Page) -> None:
    await page.get_by_label("Je suis la candidate").check()
    await page.get_by_label("Je déclare").check()
    await page.get_by_role("button", name="Soumettre").click()


async def ask_now(page: Page) -> None:
    """Have the page ask the server for the time left, as it does when a machine wakes up."""
    async with page.expect_response("**/tickets/me"):
        await page.evaluate(
            """() => {
                const again = setInterval(() => dispatchEvent(new Event("online")), 200);
                setTimeout(() => clearInterval(again), 3000);
            }"""
        )


async def count_of(db: Database) -> int:
    counted = await db.read(
        lambda conn: conn.execute(sa.select(sa.func.count()).select_from(submission_store.submission))
    )
    return int(counted.scalar_one())


async def test_the_journey_is_whole_and_clean_in_a_browser(stage: BrowserStage) -> None:
    """Sign-in, review, receipt, account, documents: each page is free of violations, and the receipt is the proof."""
    async with stage.called() as page:
        faults: list[str] = []
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        await page.goto(f"{HERE}/connexion")
        await look(page)
        await sign_in(page)
        await look(page)
        await sign(page)
        await page.wait_for_url("**/recus/MPQ-*")
        await look(page)
        s = submission_store.submission
        made = (await stage.desk.db.read(lambda conn: conn.execute(sa.select(s.c.id)))).scalar_one()
        await stage.desk.db.write(lambda conn: confirm(conn, made, now_ms()))
        for path in ("/compte", "/documents"):
            await page.goto(path)
            await look(page)
        await page.get_by_role("link", name="Confirmation d’admission dans le quota").first.click()
        await look(page)
        assert faults == []


async def test_the_journey_needs_no_scripts(stage: BrowserStage) -> None:
    """Without JavaScript the same pages lead to the same receipt, refusals on the way included."""
    async with stage.called(java_script_enabled=False) as page:
        await sign_in(page)
        await page.get_by_role("button", name="Soumettre").click()
        await expect(page.locator("#erreurs")).to_contain_text("La signature manque")
        await sign(page)
        await page.wait_for_url("**/recus/MPQ-*")


@pytest.mark.slow
async def test_the_countdown_is_text_and_warns_twice(stage: BrowserStage) -> None:
    """It runs by itself, follows the server when the end moves, and speaks at two minutes and at one (WCAG 2.2.1)."""
    async with stage.called(seconds=300) as page:
        await page.goto(f"{HERE}/connexion")
        left, warning = page.locator("[data-countdown]"), page.locator("[data-warning]")
        await expect(page.locator("[data-end]")).to_contain_text("en pause")
        await expect(left).to_have_text("5 min 00 s")
        await stage.run_clock()
        await stage.leave(150_000)
        await ask_now(page)
        await expect(left).to_contain_text("2 min 2")
        await expect(warning).to_be_empty()
        for milliseconds, words in ((121_500, "2 minutes"), (61_500, "1 minute")):
            await stage.run_clock()
            await stage.leave(milliseconds)
            await ask_now(page)
            await expect(warning).to_contain_text(f"moins de {words}", timeout=10_000)
            assert await warning.get_attribute("role") == "alert"


@pytest.mark.slow
async def test_a_token_that_lapses_is_said_and_what_was_typed_stays(stage: BrowserStage) -> None:
    """Nothing is taken from the screen; the way back to the room is offered."""
    async with stage.called() as page:
        await page.goto(f"{HERE}/connexion")
        await page.get_by_label("Nom d’utilisateur").fill("essai-00001")
        t = quota_store.token
        await stage.desk.db.write(lambda conn: conn.execute(sa.update(t).values(state="lapsed")))
        await ask_now(page)
        await expect(page.locator("[data-warning]")).to_contain_text("n’est plus retenue")
        await expect(page.locator("[data-warning] a")).to_have_attribute("href", HERE)
        await expect(page.get_by_label("Nom d’utilisateur")).to_have_value("essai-00001")
        await page.get_by_label("Mot de passe", exact=True).fill(desks.PASSWORD)
        for ordinal, answer in zip(("première", "deuxième", "troisième"), desks.ANSWERS, strict=True):
            await page.get_by_label(f"Réponse à votre {ordinal}").fill(answer)
        await page.get_by_role("button", name="Se connecter").click()
        await expect(page.locator("#erreurs")).to_contain_text("Le délai de votre jeton est dépassé")
        await expect(page.locator("[data-left]")).to_have_text("Votre délai est terminé.")
        await ask_now(page)


async def lose_the_first(page: Page) -> list[int]:
    """Let the first submission arrive and lose its answer; the list has the status that nobody saw."""
    lost: list[int] = []

    async def lose(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            answer = await route.fetch(max_redirects=0)
            lost.append(answer.status)
            await route.abort("connectionreset")
        else:
            await route.continue_()

    await page.route(f"**{HERE}/demande", lose)
    return lost


@pytest.mark.slow
async def test_a_lost_answer_loses_nothing(stage: BrowserStage) -> None:
    """The submission arrives and its answer does not: the page says so, sends again, and shows the one receipt (P3)."""
    async with stage.called() as page:
        await sign_in(page)
        lost = await lose_the_first(page)
        await sign(page)
        await expect(page.locator("[data-status]")).to_contain_text("Ne fermez pas cette page")
        await page.wait_for_url("**/recus/MPQ-*")
        assert lost == [303]
        assert await count_of(stage.desk.db) == 1


async def test_without_the_script_a_lost_answer_is_an_error_page(stage: BrowserStage) -> None:
    """The twin: what the resend saves people from. The receipt is there all the same when they press again."""
    async with stage.called() as page:
        await page.route("**/static/file-page.*", lambda route: route.abort())
        await sign_in(page)
        lost = await lose_the_first(page)
        await sign(page)
        await page.wait_for_url("chrome-error://**")
        assert lost == [303]
        await page.goto(f"{HERE}/demande")
        await page.wait_for_url("**/recus/MPQ-*")


async def test_a_refusal_is_shown_in_place_and_the_summary_has_the_focus(stage: BrowserStage) -> None:
    """With scripts the page is not left: what was typed stays, the summary is read first, its links lead to fields."""
    async with stage.called() as page:
        await page.goto(f"{HERE}/connexion")
        await page.get_by_label("Nom d’utilisateur").fill("essai-00001")
        await page.get_by_role("button", name="Se connecter").click()
        await expect(page.locator("#erreurs")).to_be_focused()
        await expect(page).to_have_title(re.compile("^Erreur"))
        await page.get_by_role("link", name="Entrez votre mot de passe.").click()
        await expect(page.get_by_label("Mot de passe", exact=True)).to_be_focused()
        await expect(page.get_by_label("Nom d’utilisateur")).to_have_value("essai-00001")


@pytest.mark.parametrize("guarded", [True, False])
@pytest.mark.parametrize(
    ("form", "typed", "done"),
    [
        ("/compte/adresse", {"#address": "1, rue des Essais"}, "renseignements.note=adresse$"),
        (
            "/compte/courriel",
            {"#email": "autre@exemple.invalid", "#password": desks.PASSWORD},
            "note=demande$",
        ),
    ],
    ids=["sent-by-the-script", "sent-by-the-browser"],
)
async def test_a_button_that_is_pressed_twice_sends_once(
    stage: BrowserStage, form: str, typed: dict[str, str], done: str, *, guarded: bool
) -> None:
    """While the first answer is on its way a second press sends nothing. Twin: without the script the form comes
    twice, and the answer to the first is never seen."""
    async with stage.called() as page:
        if not guarded:
            await page.route("**/static/file-page.*", lambda route: route.abort())
        await sign_in(page)
        sent: list[Route] = []

        async def hold(route: Route) -> None:
            sent.append(route)
            if not guarded and len(sent) == 1:
                return  # the browser has given it up by the time of its answer
            await page.wait_for_timeout(300)
            await route.continue_()

        await page.goto(form)
        for field, text in typed.items():
            await page.locator(field).fill(text)
        if form == "/compte/adresse":
            await page.locator("#country").select_option("CA")
        await page.route(f"**{form}", hold)
        press = f"document.querySelector('form.stack[action=\"{form}\"]').requestSubmit()"
        await page.evaluate(f"{press}; setTimeout(() => {press}, 150)")
        await expect(page).to_have_url(re.compile(done))
        assert len(sent) == (1 if guarded else 2)
