"""A file from its payment to its decision in real browsers: the candidate's page and the agents' desk, narrow and wide,
with axe, with scripts and without."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.roles import Role
from accounts.staff import add_operator
from casework.files.states import FileEventKind
from config.app import create_app
from config.settings import Settings
from foundation.clock import now_ms
from foundation.sql.database import Database
from tests.support import desks
from tests.support.browsing import chromium, look, look_without_scripts, page_in
from tests.support.casework.file_events import happened
from tests.support.desks import Desk, today
from tests.support.processes.serving import serving
from tests.support.rooms import KEYS
from tests.support.tasks import submitted

pytestmark = pytest.mark.browser

SECRET = "un mot de passe du personnel"

FILE = "/dossiers/D-0000001-95"

CASE = "/agent/etude/D-0000001-95"


class CasefileStage:
    """The whole service on one port."""

    def __init__(self, url: str, desk: Desk, db: Database, browser: Browser) -> None:
        self.url, self.desk, self.db, self.browser = url, desk, db, browser

    @asynccontextmanager
    async def agent(self, name: str) -> AsyncIterator[Page]:
        """A page of an agent who is signed in."""
        async with page_in(self.browser, self.url) as page:
            typed = {"username": name, "password": SECRET}
            answer = await page.context.request.post(f"{self.url}/api/v1/staff/session", data=typed)
            assert answer.ok, await answer.text()
            yield page

    @asynccontextmanager
    async def owner(self) -> AsyncIterator[Page]:
        """A page of the owner of file 1."""
        async with page_in(self.browser, self.url) as page:
            secret = (await desks.sign_in(self.desk, None, 1)).secret
            await page.context.add_cookies([{"name": "session", "value": secret, "url": self.url}])
            yield page


@pytest.fixture
async def stage(sqlite_url: str, redis_url: str) -> AsyncIterator[CasefileStage]:
    db = Database(sqlite_url)
    desk = desks.make_desk(db)
    for name in ("lucie", "marc"):
        await db.write(partial(_hire, name))
    await submitted(db)
    settings = Settings(
        database_url=sqlite_url, redis_url=redis_url, queue_redis_url=redis_url, secret_keys=KEYS,
        public_url="http://guichet.test", demo=True, limits=False,
    )  # fmt: skip
    async with chromium() as browser:
        with serving(create_app(settings), lifespan=True) as port:
            yield CasefileStage(f"http://127.0.0.1:{port}", desk, db, browser)
    desk.accounts.hasher.close()
    await db.close()


async def _hire(name: str, conn: AsyncConnection) -> None:
    await add_operator(conn, name, SECRET, now_ms(), granted=(Role.AGENT,))


async def act(page: Page, item: int, button: str, **typed: str) -> None:
    """Open an item, type what it asks for, press the button."""
    place = page.locator(f"#piece-{item}")
    await place.locator("summary").click()
    for label, text in typed.items():
        await place.locator(f"[name={label}]").fill(text)
    await place.get_by_role("button", name=button).click()


@pytest.mark.slow
async def test_a_file_from_its_payment_to_its_decision(stage: CasefileStage) -> None:
    """The list is seen and sent, a document explained, others received and waived; two agents meet in one file; the
    decision takes both, and the candidate finds the letter."""
    async with stage.owner() as candidate, stage.agent("lucie") as lucie, stage.agent("marc") as marc:
        await candidate.goto(FILE)
        await look(candidate, "file-unpaid")
        await happened(stage.db, 1, FileEventKind.PAID)
        await candidate.goto("/compte")
        await look(candidate, "file-account-home")
        await lucie.goto("/agent/etude?statut=paid")
        await look(lucie, "casefiles")
        await lucie.goto(f"{CASE}/liste")
        await look(lucie, "casefile-list")
        await lucie.get_by_role("button", name="Envoyer cette liste").click()
        await expect(lucie.get_by_role("status")).to_contain_text("La liste est partie")
        await look(lucie, "casefile-sent")
        await candidate.goto(FILE)
        await look(candidate, "file-list")
        await look_without_scripts(candidate)
        await candidate.get_by_role("link", name="Je ne peux pas envoyer").nth(1).click()
        await look(candidate, "file-explain")
        await candidate.get_by_role("button", name="Envoyer mon explication").click()
        await expect(candidate.get_by_role("alert")).to_be_visible()
        await look(candidate, "file-explain-refused")
        await candidate.get_by_label("Pourquoi").fill("L’original a brûlé avec la mairie.")
        await candidate.get_by_role("button", name="Envoyer mon explication").click()
        await expect(candidate.get_by_role("status")).to_contain_text("Votre explication est reçue")
        await marc.goto(CASE)
        await lucie.goto(CASE)  # the list was sent by her: the file is in her hands
        await act(marc, 2, "Accepter l’explication")
        await expect(marc.get_by_text("a ce dossier en main")).to_be_visible()
        await look(marc, "casefile-conflict")
        await act(lucie, 2, "Accepter l’explication")
        await act(lucie, 1, "Inscrire comme reçu", on_day="2026-13-01")
        await expect(lucie.get_by_role("alert")).to_be_visible()
        await look(lucie, "casefile-refused")
        await lucie.locator("#on_day-1").fill(today().isoformat())
        await lucie.locator("#piece-1").get_by_role("button", name="Inscrire comme reçu").click()
        await act(lucie, 3, "Ne plus demander", reason="La demande le prouve déjà.")
        await act(lucie, 4, "Inscrire comme reçu", on_day=today().isoformat())
        await look(lucie, "casefile-examined")
        await lucie.get_by_label("Refusée").check()
        await lucie.get_by_label("Motif, tel que la personne le lira dans la lettre").fill("Motif d’exemple.")
        await lucie.get_by_role("button", name="Décider ou proposer").click()
        await expect(lucie.get_by_role("status")).to_contain_text("proposée")
        await marc.goto(CASE)
        await look(marc, "casefile-proposed")
        await marc.get_by_role("button", name="Rendre la décision").click()
        await expect(marc.get_by_role("status")).to_contain_text("La décision est rendue")
        await look(marc, "casefile-decided")
        await candidate.goto(FILE)
        await look(candidate, "file-decided")
        await candidate.get_by_role("link", name="Lisez la lettre de décision").click()
        await expect(candidate.get_by_text("Motif d’exemple.")).to_be_visible()
        await look(candidate, "file-decision-letter")
        await candidate.goto("/compte/suivi")
        await look(candidate, "file-timeline")
