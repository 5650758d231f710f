"""Filling in a draft in a real browser: saved as one goes, conflicts, a lost session, by keyboard, without scripts."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import sqlalchemy as sa
from playwright.async_api import Browser, Page, expect

from config.app import create_app
from config.settings import Settings
from foundation.calendar.days import DAY_MS
from foundation.clock import now_ms
from foundation.sql.database import Database
from submission.drafts import store
from tests.support import desks
from tests.support.browsing import another_page, chromium, look, look_without_scripts, page_in
from tests.support.desks import Desk
from tests.support.processes.serving import serving
from tests.support.rooms import KEYS

pytestmark = pytest.mark.browser

HERE = "/demande/demo"

TRAINING = f"{HERE}/training"


class DraftStage:
    """The whole service on one port, with one account that has a complete draft."""

    def __init__(self, url: str, desk: Desk, browser: Browser) -> None:
        self.url, self.desk, self.browser = url, desk, browser

    async def sign_in(self, page: Page) -> None:
        """As a sign-in in another tab leaves this browser."""
        secret = (await desks.sign_in(self.desk)).secret
        await page.context.add_cookies([{"name": "session", "value": secret, "url": self.url}])

    @asynccontextmanager
    async def page(self, **options: object) -> AsyncIterator[Page]:
        """A page of the browser that is signed in to the account."""
        async with page_in(self.browser, self.url, **options) as page:
            await self.sign_in(page)
            yield page


@pytest.fixture
async def stage(sqlite_url: str, redis_url: str) -> AsyncIterator[DraftStage]:
    db = Database(sqlite_url)
    desk = desks.make_desk(db)
    await desks.make_account(desk)
    settings = Settings(
        database_url=sqlite_url, redis_url=redis_url, queue_redis_url=redis_url, secret_keys=KEYS,
        public_url="http://guichet.test", demo=True, limits=False,
    )  # fmt: skip
    async with chromium() as browser:
        with serving(create_app(settings), lifespan=True) as port:
            yield DraftStage(f"http://127.0.0.1:{port}", desk, browser)
    desk.accounts.hasher.close()
    await db.close()


async def test_what_is_typed_is_saved_by_itself_and_said(stage: DraftStage) -> None:
    """With the hour; what is wrong is told beside its field, and the rest is saved."""
    async with stage.page() as page:
        await page.goto(TRAINING)
        state = page.locator("[data-save-state]")
        await page.locator('[name="training.school"]').fill("École polytechnique")
        await expect(state).to_contain_text(re.compile(r"Enregistré à \d+\sh\s\d\d \(heure de Montréal\)"))
        await page.locator('[name="training.year"]').fill("bientôt")
        await expect(state).to_contain_text("sauf ce qui est à corriger : Année d’obtention")
        await expect(page.locator("[data-live-error]")).to_be_visible()
        await look(page, "draft-live-error")
        await page.locator('[name="training.year"]').fill("2009")
        await expect(page.locator("[data-live-error]")).to_have_count(0)
        await page.reload()
        await expect(page.locator('[name="training.school"]')).to_have_value("École polytechnique")


async def test_a_lost_session_costs_nothing_and_saves_after_the_sign_in(stage: DraftStage) -> None:
    """It shouts, keeps the text, and goes on by itself when one comes back from the sign-in in another tab."""
    async with stage.page() as page:
        await page.goto(TRAINING)
        await page.context.clear_cookies()
        await page.locator('[name="training.school"]').fill("Laval")
        alarm = page.locator("[data-save-alert]")
        await expect(alarm).to_contain_text("n’est pas enregistré")
        await expect(alarm.get_by_role("link")).to_have_attribute("target", "_blank")
        await look(page, "draft-session-lost")
        await page.get_by_role("button", name="Enregistrer et continuer").click()
        await expect(page.locator('[name="training.school"]')).to_have_value(
            "Laval"
        )  # it goes nowhere unsaved
        await stage.sign_in(page)
        await page.evaluate("dispatchEvent(new Event('focus'))")
        await expect(page.locator("[data-save-state]")).to_contain_text("Enregistré à")
        await expect(alarm).to_be_empty()


async def test_two_tabs_end_with_both_texts_and_a_choice(stage: DraftStage) -> None:
    """The page's text stays in its fields; pressing save keeps it."""
    async with stage.page() as page:
        await page.goto(TRAINING)
        other = await another_page(page)
        await other.goto(TRAINING)
        await other.locator('[name="training.school"]').fill("Autre onglet")
        await expect(other.locator("[data-save-state]")).to_contain_text("Enregistré à")
        await page.locator('[name="training.school"]').fill("Cet onglet")
        await expect(page.locator("[data-save-alert]")).to_contain_text("a été enregistrée ailleurs")
        await page.get_by_role("button", name="Comparer les deux textes").click()
        await expect(page.locator("#deux-textes")).to_be_visible()
        await expect(page.locator("#erreurs")).to_be_focused()
        await expect(page.locator("table")).to_contain_text("Autre onglet")
        await look(page, "draft-conflict")
        await page.get_by_role("button", name="Enregistrer", exact=True).click()
        await page.wait_for_url("**/training?enregistre=1")
        await expect(page.locator('[name="training.school"]')).to_have_value("Cet onglet")


async def test_a_service_that_is_away_is_told_and_tried_again(stage: DraftStage) -> None:
    """The text stays, leaving asks first, and the next try saves."""
    async with stage.page() as page:
        await page.goto(TRAINING)
        away = True

        async def answer(route: object) -> None:
            await (route.abort() if away else route.continue_())  # type: ignore[attr-defined]

        await page.route(f"**{TRAINING}", answer)
        await page.locator('[name="training.school"]').fill("Laval")
        await expect(page.locator("[data-save-alert]")).to_contain_text("ne répond pas")
        away = False
        await expect(page.locator("[data-save-state]")).to_contain_text("Enregistré à", timeout=10_000)
        await expect(page.locator("[data-save-alert]")).to_be_empty()


async def test_a_section_by_keyboard_alone(stage: DraftStage) -> None:
    """Tab to the field, type, Enter: saved, and on to the next section."""
    async with stage.page() as page:
        await page.goto(TRAINING)
        for _ in range(40):
            await page.keyboard.press("Tab")
            if await page.evaluate("document.activeElement.name") == "training.school":
                break
        await page.keyboard.press("Control+a")
        await page.keyboard.type("Clavier")
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"**{HERE}/experience")
        await page.goto(TRAINING)
        await expect(page.locator('[name="training.school"]')).to_have_value("Clavier")


@pytest.mark.slow
async def test_without_scripts_nothing_is_missing(stage: DraftStage) -> None:
    """The overview, a section, what is wrong, and a session that ended; axe finds nothing on any of them."""
    async with stage.page(java_script_enabled=False) as page:
        await page.goto(HERE)
        await look_without_scripts(page)
        await page.get_by_role("link", name="Formation").first.click()
        await look_without_scripts(page)
        await page.locator('[name="training.year"]').fill("bientôt")
        await page.locator('[name="training.school"]').fill("Laval")
        await page.get_by_role("button", name="Enregistrer et continuer").click()
        await expect(page.locator("#erreurs")).to_contain_text("Le reste de la section est enregistré")
        await look_without_scripts(page)
        await page.locator('[name="training.year"]').fill("2009")
        await page.context.clear_cookies()
        await page.get_by_role("button", name="Enregistrer et continuer").click()
        await expect(page.locator("#erreurs")).to_contain_text("Rien n’a été enregistré")
        await expect(page.locator('[name="training.year"]')).to_have_value("2009")
        await look_without_scripts(page)
        await stage.sign_in(page)
        await page.get_by_role("button", name="Enregistrer et continuer").click()
        await page.wait_for_url(f"**{HERE}/experience")


@pytest.mark.slow
@pytest.mark.parametrize("state", ["empty", "complete", "recoverable", "read-again"])
async def test_the_overview_is_clean_in_each_state(stage: DraftStage, state: str) -> None:
    """Narrow and wide; axe finds nothing."""
    d, s = store.draft, store.draft_section
    changes = {
        "empty": sa.delete(s),
        "complete": sa.update(d).values(updated_at=1),
        "recoverable": sa.update(d).values(begun_at=now_ms() - 95 * DAY_MS, kept_until=None),
        "read-again": sa.update(s).values(
            read_again='{"form_version":"2","changes":["Une question est nouvelle."]}'
        ),
    }

    async def change(conn: object) -> None:
        await conn.execute(changes[state])  # type: ignore[attr-defined]
        await conn.execute(sa.update(d).values(revision=d.c.revision + 1))  # type: ignore[attr-defined]

    await stage.desk.db.write(change)
    async with stage.page() as page:
        await page.goto(HERE)
        await look(page, f"draft-{state}")
        if state != "recoverable":
            await page.goto(TRAINING)
            await look(page, f"draft-section-{state}")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
async def test_a_text_that_is_far_too_long_stays_on_the_screen(stage: DraftStage, scripts: bool) -> None:
    """Five times what a request may hold elsewhere: it is said to be too long, and nothing of it is lost (P12). With
    scripts it stays even beyond what the page takes at all."""
    async with stage.page(java_script_enabled=scripts) as page:
        await page.goto(TRAINING)
        school = page.locator("[id='training.school']")
        text = "é" * 50_000
        await school.fill(text)
        await page.get_by_role("button", name="Enregistrer", exact=True).click()
        await expect(page.locator("[id='training.school-error'], [data-live-error]").first).to_be_visible()
        assert await school.input_value() == text
        if scripts:
            text = "x" * 1_100_000
            await school.evaluate("(one, text) => { one.value = text; }", text)
            await page.get_by_role("button", name="Enregistrer", exact=True).click()
            await expect(page.locator("[data-save-alert]")).to_contain_text("trop volumineux")
            assert len(await school.input_value()) == len(text)
