"""Registration and « Mes renseignements » in a real browser: form to rehearsal, with scripts and without."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, expect

from config.app import create_app
from config.settings import Settings
from foundation.mail import sealing
from foundation.sql.database import Database
from tests.support.browsing import chromium, look, look_without_scripts, page_in
from tests.support.candidates.registering import ANSWERS, FORM, PASSWORD, RegistrationPlace
from tests.support.processes.serving import serving
from tests.support.rooms import KEYS

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TYPED = {name: text for name, text in FORM.items() if name not in {"birth_country", "country", "terms"}}


class RegistrationStage:
    """The whole service on one port, and the messages that it posted."""

    def __init__(self, url: str, place: RegistrationPlace) -> None:
        self.url, self.place = url, place


@pytest.fixture
async def stage(sqlite_url: str, redis_url: str) -> AsyncIterator[RegistrationStage]:
    db = Database(sqlite_url)
    settings = Settings(
        database_url=sqlite_url, redis_url=redis_url, queue_redis_url=redis_url, secret_keys=KEYS,
        public_url="http://guichet.test", demo=True, limits=False,
    )  # fmt: skip
    with serving(create_app(settings), lifespan=True) as port:
        sealing.seal_with(KEYS)
        place = RegistrationPlace(db)
        yield RegistrationStage(f"http://127.0.0.1:{port}", place)
        place.desk.accounts.hasher.close()
    await db.close()


async def see(page: Page, scripts: bool, name: str) -> None:
    await (look(page, name) if scripts else look_without_scripts(page))


async def fill(page: Page) -> None:
    for name, text in TYPED.items():
        await page.locator(f"#{name}").fill(text)
    await page.locator("#birth_country").select_option("FR")
    await page.locator("#country").select_option("FR")
    await page.locator("#terms").check()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
async def test_from_the_form_to_the_rehearsal(stage: RegistrationStage, scripts: bool) -> None:
    """Each page on the way is free of violations at 320 and 1280 pixels, in each state."""
    async with chromium() as browser, page_in(browser, stage.url, java_script_enabled=scripts) as page:
        await page.goto("/inscription")
        await see(page, scripts, "registration-windows")
        await page.get_by_role("link", name="Créer mon compte").first.click()
        await see(page, scripts, "registration-form")
        await page.get_by_role("button", name="Créer mon compte").click()
        await expect(page.locator("#erreurs")).to_contain_text("Choisissez un nom d’utilisateur")
        await see(page, scripts, "registration-refused")
        await fill(page)
        await page.get_by_role("button", name="Créer mon compte").click()
        await expect(page.locator("main")).to_contain_text("Un message vient de partir")
        await see(page, scripts, "registration-sent")
        await page.locator("#code").fill(await stage.place.code())
        await page.get_by_role("button", name="Confirmer mon adresse").click()
        await expect(page.locator("main")).to_contain_text("votre compte est ouvert")
        await sign_in(page)
        await page.goto("/compte/renseignements")
        await see(page, scripts, "own-account")
        for form in ("adresse", "mot-de-passe", "questions", "identite", "verification"):
            await page.goto(f"/compte/{form}")
            await see(page, scripts, f"own-{form}")
        await page.locator("#username").fill(FORM["username"])
        await page.locator("#password").fill(PASSWORD)
        for place, one in enumerate(ANSWERS, 1):
            await page.locator(f"#answer-{place}").fill(one["answer"])
        await page.get_by_role("button", name="Vérifier").click()
        await expect(page.locator("main")).to_contain_text("Connexion vérifiée le")
        await see(page, scripts, "own-verified")


async def sign_in(page: Page) -> None:
    await page.locator("#username").fill(FORM["username"])
    await page.locator("#password").fill(PASSWORD)
    for place, one in enumerate(ANSWERS, 1):
        await page.locator(f"#answer-{place}").fill(one["answer"])
    await page.get_by_role("button", name="Se connecter").click()
    await page.wait_for_url(re.compile("/compte"))


async def test_the_form_can_be_filled_in_by_keyboard_alone(stage: RegistrationStage) -> None:
    """Tab leads through every field in the order of the page, and Enter sends it; a paste is taken anywhere."""
    async with chromium() as browser, page_in(browser, stage.url) as page:
        await page.goto("/inscription/demo")
        await page.locator("#username").focus()
        for name in FORM:
            reached = await page.evaluate("document.activeElement.id")
            while reached != name:
                await page.keyboard.press("Tab")
                reached = await page.evaluate("document.activeElement.id")
            if name in {"birth_country", "country"}:
                await page.keyboard.type("France")
            elif name == "terms":
                await page.keyboard.press("Space")
            else:
                await page.keyboard.insert_text(FORM[name])
        await page.keyboard.press("Tab")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.locator("main")).to_contain_text("Un message vient de partir")
