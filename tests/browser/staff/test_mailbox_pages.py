"""The mailbox and the desks that write to it, in a real browser: narrow and wide, with scripts and without, axe finds
nothing; every page is kept as a picture."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, expect

from accounts.roles import Role
from accounts.staff import add_operator
from casework import documents
from casework.documents import DocumentKind
from casework.mailbox.sending import sending
from config.app import create_app
from config.settings import Settings
from foundation.clock import now_ms
from foundation.sql.database import Database
from foundation.subjects import Subject
from tests.browser.staff.test_agent_pages import SECRET, DeskStage, see
from tests.support import desks
from tests.support.browsing import chromium
from tests.support.candidates.representing import active, with_email
from tests.support.casework.messages import MAILBOX, SAID, delivered
from tests.support.processes.serving import serving
from tests.support.rooms import KEYS
from tests.support.tasks import about, submitted

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
async def stage(sqlite_url: str, redis_url: str) -> AsyncIterator[DeskStage]:
    """Three people who have submitted, the first with an address and a representative; an agent."""
    db = Database(sqlite_url)
    await submitted(db, 3)
    await with_email(db, 1, "essai-00001", "essai@courriel.example")
    await active(db, 1)
    desk = desks.make_desk(db)
    await db.write(
        lambda conn: add_operator(conn, "lucie", SECRET, now_ms(), granted=(Role.AGENT, Role.OPERATOR))
    )
    settings = Settings(
        database_url=sqlite_url, redis_url=redis_url, queue_redis_url=redis_url, secret_keys=KEYS,
        public_url="http://guichet.test", demo=True, limits=False,
    )  # fmt: skip
    async with chromium() as browser:
        with serving(create_app(settings), lifespan=True) as port:
            yield DeskStage(f"http://127.0.0.1:{port}", desk, browser, 1)
    desk.accounts.hasher.close()
    await db.close()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
async def test_a_candidate_reads_a_message(stage: DeskStage, scripts: bool) -> None:
    """An empty mailbox, the home that says that one came, the list, the message with its document."""
    async with stage.page(java_script_enabled=scripts) as page:
        await stage.signs_in(page)
        await page.goto("/messages")
        await see(page, scripts, "messages-empty")
        kind = DocumentKind.EXEMPT_DECISION
        document = await stage.desk.db.write(
            lambda conn: documents.file(
                conn, 1, Subject("claim", "1"), kind, "Lettre de décision", SAID, now_ms()
            )
        )
        db = stage.desk.db
        await delivered(db, 1, about(1), "one", title="Votre dossier est ouvert", attachments=[document])
        long = (
            "Une demande de mise à jour de vos coordonnées : ce qui change, et pourquoi nous vous la faisons"
        )
        await delivered(db, 1, Subject.row("account", 1), "two", title=long)
        await page.goto("/compte")
        await see(page, scripts, "messages-home")
        await page.goto("/messages")
        await see(page, scripts, "messages-list")
        await page.get_by_role("link", name="Votre dossier est ouvert").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Votre dossier est ouvert")
        await see(page, scripts, "message")
        await page.goto("/compte/suivi")
        await expect(page.get_by_text("Message lu")).to_be_visible()


async def signed_in(page: Page) -> None:
    """At the desk."""
    await page.goto("/personnel")
    await page.locator("#username").fill("lucie")
    await page.locator("#password").fill(SECRET)
    await page.get_by_role("button", name="Se connecter").click()
    await expect(page.get_by_role("heading", level=1)).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
async def test_an_agent_writes_to_one_person(stage: DeskStage, scripts: bool) -> None:
    """The check of who asks, the form refused and filled in, the preview, the file with what was sent."""
    async with stage.page(java_script_enabled=scripts) as page:
        await signed_in(page)
        await page.goto("/agent/dossiers/1/ouvrir")
        await page.locator("input[name=purpose][value=work]").check()
        await page.locator("input[name=method][value=none]").check()
        await page.locator("textarea[name=reason]").fill("Traitement.")
        await page.get_by_role("button", name="Ouvrir le dossier").click()
        await page.goto("/agent/dossiers/1/message")
        await page.get_by_role("button", name="Voir l’aperçu").click()
        await see(page, scripts, "agent-message-refused")
        await page.locator("#title").fill("Un document à envoyer")
        await page.locator("#text").fill("Bonjour,\n\nEnvoyez-nous la copie de votre diplôme.\n\nMerci.")
        await page.get_by_role("button", name="Voir l’aperçu").click()
        await see(page, scripts, "agent-message-preview")
        await page.get_by_role("button", name="Envoyer ce message").click()
        await expect(page.get_by_text("Le message est déposé")).to_be_visible()
        await see(page, scripts, "agent-file-messages")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
async def test_staff_write_to_many(stage: DeskStage, scripts: bool) -> None:
    """The list, the form refused, three previews, the number again, the bar, the end."""
    async with stage.page(java_script_enabled=scripts) as page:
        await signed_in(page)
        await page.goto("/personnel/envois")
        await page.get_by_role("link", name="Écrire à un groupe").click()
        await page.get_by_role("button", name="Voir l’aperçu").click()
        await see(page, scripts, "broadcast-refused")
        await page.locator("#title").fill("La modification en ligne est ouverte")
        await page.locator("#text").fill(
            "Bonjour,\n\nVous pouvez maintenant modifier votre adresse en ligne."
        )
        await page.get_by_role("button", name="Voir l’aperçu").click()
        await see(page, scripts, "broadcast-preview")
        await page.get_by_role("link", name="Continuer avec 3 personnes").click()
        await see(page, scripts, "broadcast-confirm")
        await page.get_by_role("button", name="Envoyer à 3 personnes").click()
        await see(page, scripts, "broadcast-sending")
        batch = Subject("broadcast_batch", "1-1")
        await stage.desk.db.write(lambda conn: sending(MAILBOX)(conn, batch, now_ms()))
        await page.get_by_role("link", name="Actualiser").click()
        await expect(page.get_by_text("Envoyé", exact=True)).to_be_visible()
        await see(page, scripts, "broadcast-sent")
        await page.goto("/personnel/envois")
        await see(page, scripts, "broadcast-list")
