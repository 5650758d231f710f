"""Who has access, one's own second factor and the record in a real browser, with axe at each step."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, Page, expect

from accounts.roles import Role
from accounts.second_factor import totp
from accounts.staff import add_operator
from config.app import create_app
from config.settings import Settings
from foundation.clock import now_ms
from foundation.sql.database import Database
from tests.support.browsing import chromium, look, look_without_scripts, page_in
from tests.support.processes.serving import serving
from tests.support.rooms import KEYS

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SECRET = "un mot de passe du personnel"


class AccessStage:
    """The whole service on one port, with an administrator, an approver and an auditor."""

    def __init__(self, url: str, browser: Browser) -> None:
        self.url, self.browser = url, browser

    @asynccontextmanager
    async def desk(
        self, name: str, password: str = SECRET, code: str = "", **options: object
    ) -> AsyncIterator[Page]:
        """A browser at which somebody of the staff has signed in."""
        async with page_in(self.browser, self.url, **options) as page:
            await page.goto("/personnel")
            await page.locator("#username").fill(name)
            await page.locator("#password").fill(password)
            await page.locator("#code").fill(code)
            await page.keyboard.press("Enter")
            await expect(page.get_by_role("button", name="Se déconnecter")).to_be_visible()
            yield page


@pytest.fixture
async def stage(sqlite_url: str, redis_url: str) -> AsyncIterator[AccessStage]:
    db = Database(sqlite_url)
    for name, role in (("ada", Role.ADMINISTRATOR), ("ines", Role.APPROVER), ("vera", Role.AUDITOR)):
        await db.write(
            lambda conn, name=name, role=role: add_operator(conn, name, SECRET, now_ms(), granted=(role,))  # type: ignore[misc]
        )
    settings = Settings(
        database_url=sqlite_url, redis_url=redis_url, queue_redis_url=redis_url, secret_keys=KEYS,
        public_url="http://guichet.test", demo=True, limits=False,
    )  # fmt: skip
    async with chromium() as browser:
        with serving(create_app(settings)) as port:
            yield AccessStage(f"http://127.0.0.1:{port}", browser)
    await db.close()


async def test_somebody_comes_is_confirmed_and_sets_up_a_factor(stage: AccessStage) -> None:
    """Three people, one of them without scripts; no failures found by axe at 320 and 1280 pixels."""
    async with stage.desk("ada") as page:
        await page.goto("/personnel/membres")
        await page.get_by_role("button", name="Ajouter").click()
        await expect(page.locator(".errors")).to_contain_text("Choisissez un rôle")
        await look(page)
        await page.locator("#add-username").fill("luc")
        await page.get_by_label("Agente ou agent").check()
        await page.locator("#add-reason").fill("arrive en renfort")
        await page.get_by_role("button", name="Ajouter").click()
        await expect(page.locator("h1")).to_have_text("À remettre à luc")
        await look(page)
        password, code = await page.locator("main code").all_inner_texts()
        await page.get_by_role("link", name="C’est remis").click()
        await look(page)
    async with stage.desk("ines", java_script_enabled=False) as page:
        await page.goto("/personnel/membres")
        await look_without_scripts(page)
        await page.get_by_role("button", name="Confirmer").click()
        await expect(page.locator("main")).to_contain_text("Le rôle est accordé")
    async with stage.desk("luc", password, code, java_script_enabled=False) as page:
        await expect(page.locator("h1")).to_have_text("Mon accès")
        await look_without_scripts(page)
        await page.locator("#begin-password").fill(password)
        await page.get_by_role("button", name="Commencer").click()
        await look_without_scripts(page)
        key = (await page.locator("main code").inner_text()).replace(" ", "")
        await page.locator("#confirm-code").fill(totp.code_at(key, int(time.time()) // totp.STEP_SECONDS))
        await page.get_by_role("button", name="Activer").click()
        await expect(page.locator("h1")).to_have_text("Vos codes de secours")
        await look_without_scripts(page)
        await page.get_by_role("link", name="Je les ai notés").click()
        await expect(page.locator("main")).to_contain_text("Une autre personne a changé votre accès")
        await look_without_scripts(page)
        await page.goto("/personnel/acces")
        await look_without_scripts(page)


async def test_an_auditor_reads_and_verifies(stage: AccessStage) -> None:
    """The filter, a choice that cannot be read, and what a verification found."""
    async with stage.desk("vera") as page:
        await page.goto("/personnel/registre")
        await look(page)
        await page.locator("#sujet").fill("1")
        await page.get_by_role("button", name="Filtrer").click()
        await expect(page.locator(".errors")).to_contain_text("Numéro du sujet")
        await look(page)
        await page.get_by_role("button", name="Vérifier maintenant").click()
        await expect(page.locator("main")).to_contain_text("Le registre est intact")
        await look(page)
