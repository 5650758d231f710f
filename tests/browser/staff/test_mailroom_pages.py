"""The mailroom in a real browser: one payment by keyboard alone, timed; narrow and wide, scripts on and off."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, Page, expect

from accounts.roles import Role
from accounts.staff import add_operator
from casework.files.numbers import file_number
from config.app import create_app
from config.settings import Settings
from foundation.clock import now_ms
from foundation.sql.database import Database
from tests.support.browsing import chromium, look, look_without_scripts, page_in
from tests.support.casework.mail import day, payment
from tests.support.processes.serving import serving
from tests.support.rooms import KEYS
from tests.support.tasks import submitted

pytestmark = pytest.mark.browser

SECRET = "un mot de passe du personnel"

PAGE = "/personnel/courrier"

MOST_SECONDS = 10.0
"""For one entry by keyboard, on a machine that does other things: it takes about one."""


class MailroomStage:
    """The whole service on one port, with two files and a clerk."""

    def __init__(self, url: str, db: Database, browser: Browser) -> None:
        self.url, self.db, self.browser = url, db, browser

    @asynccontextmanager
    async def clerk(self, **options: object) -> AsyncIterator[Page]:
        """A browser at which the clerk has signed in."""
        async with page_in(self.browser, self.url, **options) as page:
            await page.goto(PAGE)
            await page.locator("#username").fill("claire")
            await page.locator("#password").fill(SECRET)
            await page.keyboard.press("Enter")
            await expect(page.locator("h1")).to_have_text("Courrier reçu")
            yield page


@pytest.fixture
async def stage(sqlite_url: str, redis_url: str) -> AsyncIterator[MailroomStage]:
    db = Database(sqlite_url)
    await submitted(db, 2)
    await db.write(lambda conn: add_operator(conn, "claire", SECRET, now_ms(), granted=(Role.CLERK,)))
    settings = Settings(
        database_url=sqlite_url, redis_url=redis_url, queue_redis_url=redis_url, secret_keys=KEYS,
        public_url="http://guichet.test", demo=True, limits=False,
    )  # fmt: skip
    async with chromium() as browser:
        with serving(create_app(settings), lifespan=True) as port:
            yield MailroomStage(f"http://127.0.0.1:{port}", db, browser)
    await db.close()


async def keyed(page: Page, amount: str) -> float:
    """One payment by keyboard alone, from the empty form to the next one; how many seconds it took."""
    began, keys = time.monotonic(), page.keyboard
    await keys.type(file_number(1).replace("-", ""))
    await keys.press("Tab")
    await keys.type("1")
    await keys.press("Tab")
    await keys.type(day(1))
    for _ in range(2):
        await keys.press("Tab")
    await keys.type("5")
    await keys.press("Tab")
    await keys.type(amount)
    await keys.press("Enter")
    await expect(page.locator("h1")).to_have_text("Comparez avec le papier")
    await keys.press("Enter")
    await expect(page.locator(".panel--success")).to_contain_text("inscrite")
    return time.monotonic() - began


@pytest.mark.slow
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
async def test_a_payment_by_keyboard_alone(stage: MailroomStage, scripts: bool) -> None:
    """Typed, shown, confirmed by two Enters; the next form has the focus and the same reception day."""
    amount = (await payment(stage.db, 1)).amount
    async with stage.clerk(java_script_enabled=scripts) as page:
        seconds = await keyed(page, amount)
        print(f"one payment by keyboard alone: {seconds:.2f} s")
        assert seconds < MOST_SECONDS
        await expect(page.locator("#received_on")).to_have_value(day(1))
        focused = page.locator("#number:focus")
        await expect(focused).to_have_count(1)
        await expect(page.locator(".table")).to_contain_text("Accepté")


@pytest.mark.slow
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
async def test_each_page_is_whole(stage: MailroomStage, scripts: bool) -> None:
    """Fits at 320 and 1280 pixels, and axe finds nothing: form, refusals, previews, item, pen, returns, day."""

    async def see(name: str) -> None:
        await (look(page, f"mailroom-{name}") if scripts else look_without_scripts(page))

    async with stage.clerk(java_script_enabled=scripts) as page:
        await see("form")
        await page.locator("#number").fill("D-0000001-99")
        await page.locator("#kind").select_option("payment")
        await page.locator("#amount").fill("-5")
        await page.keyboard.press("Enter")
        await see("refused")
        await page.locator("#number").fill(file_number(1))
        await page.locator("#instrument").select_option("personal_cheque")
        await page.locator("#amount").fill("783,00")
        await page.keyboard.press("Enter")
        await see("preview")
        await page.keyboard.press("Enter")
        await page.locator("#number").fill(file_number(2)[:-1] + "?")
        await page.locator("#kind").select_option("other")
        await page.get_by_role("button", name="Garder en attente, sans dossier").click()
        await see("pen-preview")
        await page.get_by_role("button", name="Garder en attente").click()
        for path, name in (
            ("attente", "pen"), ("retours", "returns"), ("jour", "day"), ("recherche", "search"),
            ("pieces/1", "item"), ("pieces/2", "pen-item"),
        ):  # fmt: skip
            await page.goto(f"{PAGE}/{path}")
            await see(name)
        await page.get_by_role("button", name="Comparer").click()
        await see("match")
