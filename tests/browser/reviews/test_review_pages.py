"""The queue of reviews and « Vérifications » in a real browser: each state, narrow and wide, with scripts and not."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, Page, expect

from accounts.reviews.mails import PAGE
from accounts.reviews.states import ReviewAct
from accounts.roles import Role
from accounts.staff import add_operator
from config.app import create_app
from config.settings import Settings
from console.reviews.pages import HOME
from foundation.clock import now_ms
from foundation.sql.database import Database
from tests.support import desks
from tests.support.browsing import chromium, look, look_without_scripts, page_in
from tests.support.candidates.alike import account_of, done, fresh, pair, scanned
from tests.support.desks import Desk
from tests.support.processes.serving import serving
from tests.support.rooms import KEYS

pytestmark = pytest.mark.browser

SECRET = "un mot de passe du personnel"


class ReviewStage:
    """The whole service on one port."""

    def __init__(self, url: str, desk: Desk, browser: Browser) -> None:
        self.url, self.desk, self.browser = url, desk, browser

    @asynccontextmanager
    async def agent(self, **options: object) -> AsyncIterator[Page]:
        """A page of an agent who is signed in."""
        async with page_in(self.browser, self.url, **options) as page:
            typed = {"username": "lucie", "password": SECRET}
            answer = await page.context.request.post(f"{self.url}/api/v1/staff/session", data=typed)
            assert answer.ok, await answer.text()
            yield page

    @asynccontextmanager
    async def owner(self, number: int) -> AsyncIterator[Page]:
        """A page of the owner of this account."""
        async with page_in(self.browser, self.url) as page:
            secret = (await desks.sign_in(self.desk, None, number)).secret
            await page.context.add_cookies([{"name": "session", "value": secret, "url": self.url}])
            yield page


@pytest.fixture
async def stage(sqlite_url: str, redis_url: str) -> AsyncIterator[ReviewStage]:
    db = Database(sqlite_url)
    desk = desks.make_desk(db)
    await db.write(lambda conn: add_operator(conn, "lucie", SECRET, now_ms(), granted=(Role.AGENT,)))
    settings = Settings(
        database_url=sqlite_url, redis_url=redis_url, queue_redis_url=redis_url, secret_keys=KEYS,
        public_url="http://guichet.test", demo=True, limits=False,
    )  # fmt: skip
    async with chromium() as browser:
        with serving(create_app(settings), lifespan=True) as port:
            yield ReviewStage(f"http://127.0.0.1:{port}", desk, browser)
    desk.accounts.hasher.close()
    await db.close()


@pytest.mark.slow
async def test_an_agent_decides_with_both_files_side_by_side(stage: ReviewStage) -> None:
    """The queue, the case, a decision without a reason, with one, and undone; by keyboard where it counts."""
    changes = {"family_name": "Awa", "given_name": "Ndiaye", "passport": "CD7654321"}
    _, _, review = await pair(stage.desk, **changes)
    await scanned(stage.desk, await account_of(stage.desk, 3, passport="EF1111111"))
    async with stage.agent() as page:
        await page.goto(HOME)
        await look(page, "reviews-queue")
        await page.goto(f"{HOME}/{review.id}")
        await look(page, "reviews-case")
        await look_without_scripts(page)
        confirm = page.get_by_role("button", name="Les deux comptes sont à la même personne")
        await confirm.click()
        await expect(page.get_by_role("alert")).to_be_visible()
        await look(page, "reviews-refused")
        await page.get_by_label("Motif, ou question").fill("Mêmes pièces, même signature.")
        await confirm.focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("status")).to_contain_text("Votre décision est prise")
        await look(page, "reviews-decided")
        await page.get_by_label("Motif, ou question").fill("Erreur de ma part.")
        await page.get_by_role("button", name="Annuler la décision").click()
        await expect(page.get_by_role("status")).to_contain_text("de nouveau à décider")
        await page.goto(f"{HOME}?etat=decided")
        await look(page, "reviews-empty")


@pytest.mark.slow
async def test_the_owner_reads_why_and_answers(stage: ReviewStage) -> None:
    """An automatic decision, then a question; nothing where there is nothing."""
    _, _, review = await pair(stage.desk)
    await desks.make_account(stage.desk, 7)
    async with stage.owner(2) as page:
        await page.goto(PAGE)
        await expect(page.get_by_text("a été prise automatiquement")).to_be_visible()
        await look(page, "verifications")
        await look_without_scripts(page)
        await page.get_by_role("button", name="Demander qu’une personne examine").click()
        await expect(page.get_by_role("alert")).to_be_visible()
        await look(page, "verifications-refused")
        await page.get_by_label("Vos observations").fill("Ce n’est pas mon compte.")
        await page.get_by_role("button", name="Demander qu’une personne examine").click()
        await expect(page.get_by_role("status")).to_contain_text("Vos observations sont reçues")
        await done(stage.desk, await fresh(stage.desk, review), ReviewAct.ASKED, text="Quel est votre pays ?")
        await page.goto(PAGE)
        await expect(page.get_by_text("Quel est votre pays ?").first).to_be_visible()
        await look(page, "verifications-asked")
    async with stage.owner(7) as page:
        await page.goto(PAGE)
        await expect(page.get_by_text("Aucune vérification")).to_be_visible()
        await look(page)
