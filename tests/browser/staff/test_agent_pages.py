"""The agents' desk and « Volets en tout temps » in a real browser: by keyboard, narrow and wide, scripts on and off."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, Page, expect

from accounts.roles import Role
from accounts.staff import add_operator
from config.app import create_app
from config.settings import Settings
from foundation.clock import now_ms
from foundation.sql.database import Database
from tests.support import desks
from tests.support.browsing import chromium, look, look_without_scripts, page_in
from tests.support.candidates.exempt import STREAM, accepted_claim, declare
from tests.support.desks import Desk
from tests.support.processes.serving import serving
from tests.support.rooms import KEYS

pytestmark = pytest.mark.browser

SECRET = "un mot de passe du personnel"

VOLET = f"/volets/demo/{STREAM}"


class DeskStage:
    """The whole service on one port, with one account and one agent."""

    def __init__(self, url: str, desk: Desk, browser: Browser, account: int) -> None:
        self.url, self.desk, self.browser, self.account = url, desk, browser, account

    @asynccontextmanager
    async def page(self, **options: object) -> AsyncIterator[Page]:
        """A page of a browser that was never here."""
        async with page_in(self.browser, self.url, **options) as page:
            yield page

    async def signs_in(self, page: Page) -> None:
        """The candidate's session in this browser."""
        secret = (await desks.sign_in(self.desk)).secret
        await page.context.add_cookies([{"name": "session", "value": secret, "url": self.url}])


@pytest.fixture
async def stage(sqlite_url: str, redis_url: str) -> AsyncIterator[DeskStage]:
    db = Database(sqlite_url)
    desk = desks.make_desk(db)
    account = await desks.make_account(desk)
    await db.write(lambda conn: add_operator(conn, "lucie", SECRET, now_ms(), granted=(Role.AGENT,)))
    settings = Settings(
        database_url=sqlite_url, redis_url=redis_url, queue_redis_url=redis_url, secret_keys=KEYS,
        public_url="http://guichet.test", demo=True, limits=False,
    )  # fmt: skip
    async with chromium() as browser:
        with serving(create_app(settings), lifespan=True) as port:
            yield DeskStage(f"http://127.0.0.1:{port}", desk, browser, account)
    desk.accounts.hasher.close()
    await db.close()


async def see(page: Page, scripts: bool, name: str) -> None:
    """Fits at 320 and 1280 pixels, and axe finds nothing."""
    if scripts:
        await look(page, name)
    else:
        await look_without_scripts(page)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
async def test_an_agent_from_the_search_to_the_decision(stage: DeskStage, scripts: bool) -> None:
    """Sign-in, search, a form that is refused, the check, the file, the queue, a claim, its decision."""
    await declare(stage.desk, stage.account)
    async with stage.page(java_script_enabled=scripts) as page:
        await page.goto("/agent")
        await see(page, scripts, "staff-sign-in")
        await page.locator("#username").fill("lucie")
        await page.locator("#password").fill(SECRET)
        await page.keyboard.press("Enter")
        await expect(page.locator("h1")).to_have_text("Recherche d’un dossier")
        await page.locator("#by-username").check()
        await page.locator("#text").fill("essai-00001")
        await page.keyboard.press("Enter")
        await expect(page.locator("#erreurs")).to_contain_text("Donnez le motif")
        await see(page, scripts, "agent-search-refused")
        await page.locator("#reason").fill("Appel de la personne.")
        await page.keyboard.press("Enter")
        await expect(page.locator("#resultats")).to_have_text("Un dossier trouvé")
        await see(page, scripts, "agent-search-found")
        await page.get_by_role("link", name="Ouvrir le dossier").press("Enter")
        await expect(page.locator("h1")).to_have_text("Ouvrir le dossier essai-00001")
        await see(page, scripts, "agent-open")
        await page.locator("#purpose-work").check()
        await page.locator("#method-none").check()
        await page.locator("#reason").fill("Vérification d’une preuve.")
        await page.get_by_role("button", name="Ouvrir le dossier").press("Enter")
        await expect(page.locator("h1")).to_have_text("Dossier essai-00001")
        await see(page, scripts, "agent-file")
        await page.goto("/agent/demandes")
        await see(page, scripts, "agent-claims")
        await page.locator("main h2 a").first.press("Enter")
        await expect(page.get_by_role("heading", name="Décider")).to_be_visible()
        await see(page, scripts, "agent-claim")
        await page.locator("#reason").fill("Numéro vérifié au registre.")
        await page.get_by_role("button", name="Accepter la preuve").press("Enter")
        await expect(page.locator("main")).to_contain_text("La décision est enregistrée")
        await page.goto("/agent/invitations")
        await see(page, scripts, "agent-invite")


@pytest.mark.slow
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
async def test_a_candidate_from_the_proof_to_the_receipt(stage: DeskStage, scripts: bool) -> None:
    """The streams, a proof that is refused, the accepted claim, the review, the signature, the receipt."""
    async with stage.page(java_script_enabled=scripts) as page:
        await stage.signs_in(page)
        await page.goto("/volets")
        await see(page, scripts, "volets")
        await page.goto(VOLET)
        await page.locator("#proof").fill("x")
        await page.keyboard.press("Enter")
        await expect(page.locator("#erreurs")).to_be_visible()
        await see(page, scripts, "volet-refused")
        await accepted_claim(stage.desk, stage.account)
        await page.goto(VOLET)
        await see(page, scripts, "volet-accepted")
        await page.get_by_role("link", name="Vérifier, signer et soumettre").press("Enter")
        await page.get_by_role("button", name="Soumettre la demande").press("Enter")
        await expect(page.locator("#erreurs")).to_be_visible()
        await see(page, scripts, "volet-review-refused")
        await page.locator("#candidate").check()
        await page.locator("#declaration").check()
        await page.locator("#password").fill(desks.PASSWORD)
        for place, answer in enumerate(desks.ANSWERS, 1):
            await page.locator(f"#answer-{place}").fill(answer)
        await page.get_by_role("button", name="Soumettre la demande").press("Enter")
        await expect(page.locator("h1")).to_have_text("Accusé de réception")
        await see(page, scripts, "volet-receipt")
