"""The documents of an account in a real browser: list, letter, summary, refusal; narrow and wide, with axe."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, expect
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.files.numbers import file_number
from casework.letters.payment_letters import PaymentLetters
from casework.letters.printed.actions import ActionRecords
from config.app import create_app
from config.settings import Settings
from foundation.clock import now_ms
from foundation.sql.database import Database
from tests.support import desks
from tests.support.browsing import chromium, look, page_in
from tests.support.candidates.paying import FEE, move_money
from tests.support.casework.messages import MAILBOX
from tests.support.desks import PERSONAL
from tests.support.processes.serving import serving
from tests.support.rooms import KEYS
from tests.support.tasks import KNOWN, about, confirm, submitted

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FILE = f"/dossiers/{file_number(1)}"


@pytest.fixture
async def owner(sqlite_url: str, redis_url: str) -> AsyncIterator[Page]:
    """A page of the owner of file 1, which waits for its payment."""
    db = Database(sqlite_url)
    desk = desks.make_desk(db)
    await submitted(db)
    settings = Settings(
        database_url=sqlite_url, redis_url=redis_url, queue_redis_url=redis_url, secret_keys=KEYS,
        public_url="http://guichet.test", demo=True, limits=False,
    )  # fmt: skip
    async with chromium() as browser:
        with serving(create_app(settings), lifespan=True) as port:
            url = f"http://127.0.0.1:{port}"
            async with page_in(browser, url) as page:
                secret = (await desks.sign_in(desk, None, 1)).secret
                await page.context.add_cookies([{"name": "session", "value": secret, "url": url}])
                yield page
    desk.accounts.hasher.close()
    await db.close()


async def paid(conn: AsyncConnection) -> None:
    """Paid, with its letters and a record of actions."""
    await move_money(conn, FEE, "in")
    letters, now = PaymentLetters(KNOWN, MAILBOX), now_ms()
    await confirm(conn, 1, now)
    for effect in (letters.confirming(), letters.opening()):
        await effect(conn, about(1), now)
    await ActionRecords(KNOWN, PERSONAL).asked(conn, 1, now)


async def test_documents_are_read_by_everybody(owner: Page, sqlite_url: str) -> None:
    """Axe finds nothing on the list, on each kind of letter, on the summary and where it is refused."""
    await owner.goto(f"{FILE}/sommaire")
    await expect(owner.locator("h1")).to_contain_text("ne peut pas encore être imprimée")
    await look(owner, "summary-refused")
    db = Database(sqlite_url)
    await db.write(paid)
    await db.close()
    await owner.goto("/documents")
    await look(owner, "documents-unread")
    for title in ("Lettre d’ouverture de dossier", "Confirmation de paiement", "Récapitulatif des actions"):
        await owner.goto("/documents")
        await owner.get_by_role("link", name=title).first.click()
        await expect(owner.locator("h1")).to_contain_text(title)
        await look(owner, f"document-{title.split()[0].lower()}")
    await owner.goto(f"{FILE}/sommaire")
    await look(owner, "summary")
    await owner.goto(FILE)
    await look(owner, "file-documents")


async def test_the_whole_form_is_not_printed_and_the_summary_is(owner: Page, sqlite_url: str) -> None:
    """On paper the answers are in the summary alone (DM-06)."""
    db = Database(sqlite_url)
    await db.write(paid)
    await db.close()
    await owner.goto(FILE)
    await owner.locator('a[href^="/recus/"]').first.click()
    await owner.goto(f"{owner.url.split('#')[0]}/demande")
    answers = owner.locator("section.no-print").first
    await expect(answers).to_be_visible()
    await owner.emulate_media(media="print")
    await expect(answers).to_be_hidden()
    await expect(owner.locator(".only-print")).to_be_visible()
    await owner.goto(f"{FILE}/sommaire")
    await expect(owner.locator("article .facts").first).to_be_visible()
