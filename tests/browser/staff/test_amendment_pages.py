"""Amendments, switches and tasks in a real browser: the candidate's pages, the agents' and the operators'."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.async_api import Browser, Page, expect

from accounts.roles import Role
from accounts.staff import add_operator
from casework.files.numbers import file_number
from casework.files.states import FileEventKind
from casework.switches.states import SwitchName
from config.app import create_app
from config.settings import Settings
from foundation import outbox
from foundation.clock import now_ms
from foundation.mail.outgoing import Mail, post
from foundation.mail.store import mail
from foundation.sql.database import Database
from foundation.subjects import Subject
from tests.support.browsing import another_page, chromium, look, look_without_scripts, page_in
from tests.support.casework.file_events import happened
from tests.support.casework.supplements import ask
from tests.support.casework.switching import planned, switched_on
from tests.support.desks import ANSWERS, PASSWORD
from tests.support.processes.serving import serving
from tests.support.rooms import KEYS
from tests.support.tasks import submitted

pytestmark = pytest.mark.browser

SECRET = "un mot de passe du personnel"

HERE = f"/dossiers/{file_number(1)}/modifications"


class AmendmentStage:
    """The whole service on one port, with a paid file, a feature that is on and one that is planned."""

    def __init__(self, url: str, browser: Browser, db: Database) -> None:
        self.url, self.browser, self.db = url, browser, db

    @asynccontextmanager
    async def candidate(self, **options: Any) -> AsyncIterator[Page]:
        """A browser at which the file's owner has signed in."""
        async with page_in(self.browser, self.url, **options) as page:
            await page.goto(f"/connexion?suite={HERE}")
            await page.locator("#username").fill("essai-00001")
            await page.locator("#password").fill(PASSWORD)
            for place, answer in enumerate(ANSWERS, 1):
                await page.locator(f"#answer-{place}").fill(answer)
            await page.keyboard.press("Enter")
            await expect(page.locator("h1")).to_have_text("Modifications")
            yield page

    @asynccontextmanager
    async def staff(self, name: str, path: str, **options: Any) -> AsyncIterator[Page]:
        """A browser at which somebody of the staff has signed in."""
        async with page_in(self.browser, self.url, **options) as page:
            await page.goto(path)
            await page.locator("#username").fill(name)
            await page.locator("#password").fill(SECRET)
            await page.keyboard.press("Enter")
            await page.wait_for_url(f"**{path}")
            yield page


@pytest.fixture
async def stage(sqlite_url: str, redis_url: str) -> AsyncIterator[AmendmentStage]:
    db, t = Database(sqlite_url), outbox.task
    await submitted(db)
    await happened(db, 1, FileEventKind.PAID)
    await switched_on(db, SwitchName.ADDRESS_CHANGE)
    await planned(db, SwitchName.ONLINE_AMENDMENT, approved=False)
    await db.write(lambda conn: add_operator(conn, "lucie", SECRET, now_ms(), granted=(Role.AGENT,)))
    await db.write(lambda conn: add_operator(conn, "boris", SECRET, now_ms(), granted=(Role.OPERATOR,)))
    letter = Mail("quelquun@exemple.invalid", "hello", "Un avis vous attend", "Un texte.\n")
    await db.write(lambda conn: post(conn, letter, Subject("account", "1"), now_ms(), key="one"))
    await db.write(
        lambda conn: conn.execute(sa.update(mail).values(state="set_aside", tries=9, settled_at=1))
    )
    await db.write(
        lambda conn: conn.execute(
            sa.update(t)
            .where(t.c.kind == "confirmation")
            .values(state="set_aside", error="KeyError", failures=5)
        )
    )
    settings = Settings(
        database_url=sqlite_url, redis_url=redis_url, queue_redis_url=redis_url, secret_keys=KEYS,
        public_url="http://guichet.test", demo=True, limits=False,
    )  # fmt: skip
    async with chromium() as browser:
        with serving(create_app(settings), lifespan=True) as port:
            yield AmendmentStage(f"http://127.0.0.1:{port}", browser, db)
    await db.close()


@pytest.mark.slow
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
async def test_each_page_is_whole(stage: AmendmentStage, scripts: bool) -> None:
    """Fits at 320 and 1280 pixels, and axe finds nothing: list, form, refusals, both texts, preview, giving up; the
    agents' queue and file; switches; tasks."""

    async def see(page: Page, name: str, shows: str) -> None:
        await expect(page.locator("main")).to_contain_text(shows)
        await (look(page, f"amendment-{name}") if scripts else look_without_scripts(page))

    async with stage.candidate(java_script_enabled=scripts) as page:
        await see(page, "list", "Signaler un changement")
        await page.get_by_role("link", name="Changement d’adresse").click()
        await see(page, "form", "Jour du changement")
        other = await another_page(page)
        await other.goto(f"{HERE}/adresse")
        await page.get_by_role("button", name="Vérifier avant d’envoyer").click()
        await see(page, "refused", "Répondez à cette question")
        for one, street in ((page, "4, quai Sud"), (other, "9, rue Nord")):
            for part, text in (("day", "2"), ("month", "1"), ("year", "2026")):
                await one.locator(f"[id='on_day.{part}']").fill(text)
            await one.locator("[id='contact.address']").fill(street)
            await one.get_by_role("button", name="Vérifier avant d’envoyer").click()
        await see(page, "preview", "Rien n’est encore envoyé")
        await page.get_by_role("button", name="Envoyer la modification").click()
        await expect(page.locator(".panel--success")).to_contain_text("reçue")
        await see(page, "sent", "La modification est reçue")
        await other.get_by_role("button", name="Envoyer la modification").click()
        await expect(other.locator("#deux-textes")).to_be_visible()
        await expect(other.locator("[id='contact.address']")).to_have_value("9, rue Nord")
        await see(other, "both-texts", "Les deux textes")
        await page.context.clear_cookies()
        await other.get_by_role("button", name="Vérifier avant d’envoyer").click()
        await expect(other.locator("[id='contact.address']")).to_have_value("9, rue Nord")
        await see(other, "session-lost", "Rien n’a été envoyé")
        await page.goto("/documents-utiles/modification")
        await see(page, "paper", "Où l’envoyer")
    async with stage.staff("lucie", "/agent/modifications", java_script_enabled=scripts) as page:
        await see(page, "agents", "Les plus anciennes d’abord")
        await page.get_by_role("link", name=file_number(1)).click()
        await page.get_by_role("button", name="Déposer la question").click()
        await see(page, "agent-file", "Écrivez votre question")
    await stage.db.write(lambda conn: ask(conn, 1))
    async with stage.candidate(java_script_enabled=scripts) as page:
        await see(page, "fee-awaited", "Des frais sont à payer")
        await page.get_by_role("link", name="Abandonner cette modification").click()
        await see(page, "give-up", "Rien n’est encore fait")
        await page.get_by_role("button", name="Abandonner cette modification").click()
        await see(page, "given-up", "La modification est abandonnée")
        await page.goto(f"{HERE}/1/abandon")
        await see(page, "gone", "ne peut pas être abandonnée")
    async with stage.staff("boris", "/personnel/fonctions", java_script_enabled=scripts) as page:
        await page.get_by_role("button", name="Planifier").click()
        await see(page, "switches", "Choisissez un programme")
        await page.goto("/personnel/taches")
        await see(page, "tasks", "La sonnette")


async def test_a_change_of_address_by_hand(stage: AmendmentStage) -> None:
    """Filled in, read again, sent: it stands in the list."""
    async with stage.candidate() as page:
        await page.get_by_role("link", name="Changement d’adresse").click()
        for part, text in (("day", "2"), ("month", "11"), ("year", "2026")):
            await page.locator(f"[id='on_day.{part}']").fill(text)
        await page.locator("[id='contact.address']").fill("4, quai Sud")
        await page.get_by_role("button", name="Vérifier avant d’envoyer").click()
        await page.get_by_role("button", name="Envoyer la modification").click()
        await expect(page.locator("#modification-1")).to_have_text("1. Changement d’adresse")
