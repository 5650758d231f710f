"""The desk of proclaimed days in a real browser: one enters a day, another confirms it, with axe at each step; and
the public calculator beside it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, Page, expect

from accounts.roles import Role
from accounts.staff import add_operator
from config.app import create_app
from config.settings import Settings
from foundation.calendar.days import day_of
from foundation.clock import now_ms
from foundation.sql.database import Database
from submission.store import submission
from tests.support.browsing import chromium, look, look_without_scripts, page_in
from tests.support.processes.serving import serving
from tests.support.rooms import KEYS
from tests.support.tasks import rows, submitted

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SECRET = "un mot de passe du personnel"

PAGE = "/personnel/jours-feries"


class HolidayStage:
    """The whole service on one port, with two files, an operator and an approver."""

    def __init__(self, url: str, db: Database, browser: Browser) -> None:
        self.url, self.db, self.browser = url, db, browser

    @asynccontextmanager
    async def desk(self, name: str, **options: object) -> AsyncIterator[Page]:
        """A browser at which somebody of the staff has signed in."""
        async with page_in(self.browser, self.url, **options) as page:
            await page.goto(PAGE)
            await page.locator("#username").fill(name)
            await page.locator("#password").fill(SECRET)
            await page.keyboard.press("Enter")
            await expect(page.locator("h1")).to_have_text("Jours proclamés fériés")
            yield page


@pytest.fixture
async def stage(sqlite_url: str, redis_url: str) -> AsyncIterator[HolidayStage]:
    db = Database(sqlite_url)
    await submitted(db, 2)
    for name, role in (("olga", Role.OPERATOR), ("alain", Role.APPROVER)):
        await db.write(
            lambda conn, name=name, role=role: add_operator(conn, name, SECRET, now_ms(), granted=(role,))  # type: ignore[misc]
        )
    settings = Settings(
        database_url=sqlite_url, redis_url=redis_url, queue_redis_url=redis_url, secret_keys=KEYS,
        public_url="http://guichet.test", demo=True, limits=False,
    )  # fmt: skip
    async with chromium() as browser:
        with serving(create_app(settings)) as port:
            yield HolidayStage(f"http://127.0.0.1:{port}", db, browser)
    await db.close()


async def test_one_enters_a_day_and_another_confirms_it(stage: HolidayStage) -> None:
    """Each sees what moves; without scripts too. No failures found by axe at 320 and 1280 pixels."""
    ((pay_by,), _) = await rows(stage.db, submission.c.pay_by)
    day = day_of(pay_by)
    async with stage.desk("olga") as page:
        await page.locator("#day").fill("2026-02-30")
        await page.get_by_role("button", name="Voir ce qui change").click()
        await expect(page.locator(".errors")).to_contain_text("n’existe pas")
        await look(page)
        await page.locator("#day").fill(day.isoformat())
        await page.locator("#name").fill("un jour de deuil national")
        await page.keyboard.press("Enter")
        await expect(page.locator("main")).to_contain_text("délais en cours sont déplacés")
        await look(page)
        await page.get_by_role("button", name="Entrer ce jour").click()
        await expect(page.locator("main")).to_contain_text("doit le confirmer")
    async with stage.desk("alain", java_script_enabled=False) as page:
        await page.goto(f"{PAGE}/{day}")
        await look_without_scripts(page)
        await page.get_by_role("button", name="Confirmer").click()
        await expect(page.locator("main")).to_contain_text("férié dès maintenant")
        await look_without_scripts(page)


async def test_anybody_calculates_a_deadline(stage: HolidayStage) -> None:
    """By keyboard, without scripts; the answer is in the address."""
    async with page_in(stage.browser, stage.url, java_script_enabled=False) as page:
        await page.goto("/calcul-de-delai")
        await page.locator("#start").fill("2026-11-24")
        await page.locator("#amount").fill("30")
        await page.keyboard.press("Enter")
        await expect(page.locator("#reponse")).to_contain_text("mardi 29 décembre 2026")
        assert "amount=30" in page.url
        await look_without_scripts(page)
