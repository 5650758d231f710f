"""« Mon représentant » in a real browser: each state clean, narrow and wide, with scripts and without."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, Page, expect

from accounts.representatives.register import daily
from accounts.representatives.register.standing import ConsultantStatus
from accounts.roles import Role
from accounts.staff import add_operator
from config.app import create_app
from config.settings import Settings
from foundation.clock import now_ms
from foundation.sql.database import Database
from tests.support import desks
from tests.support.browsing import chromium, look, page_in
from tests.support.candidates.representing import (
    CONSULTANT,
    LAWYER,
    active,
    declared,
    received,
    register,
    set_register,
    with_email,
)
from tests.support.desks import REPRESENTATIVES, Desk, today
from tests.support.processes.serving import serving
from tests.support.rooms import KEYS

pytestmark = pytest.mark.browser

PAGE = "/compte/representant"

DESK = "/personnel/procurations"

SECRET = "un mot de passe du personnel"


class RepresentativeStage:
    """The whole service on one port, with one account."""

    def __init__(self, url: str, desk: Desk, browser: Browser, account: int) -> None:
        self.url, self.desk, self.browser, self.account = url, desk, browser, account

    @asynccontextmanager
    async def page(self, **options: object) -> AsyncIterator[Page]:
        """A page of the browser that is signed in to the account."""
        async with page_in(self.browser, self.url, **options) as page:
            secret = (await desks.sign_in(self.desk)).secret
            await page.context.add_cookies([{"name": "session", "value": secret, "url": self.url}])
            yield page


@pytest.fixture
async def stage(sqlite_url: str, redis_url: str) -> AsyncIterator[RepresentativeStage]:
    db = Database(sqlite_url)
    desk = desks.make_desk(db)
    account = await desks.make_account(desk)
    await with_email(db, account, "essai-00001", "anne@exemple.ca")
    settings = Settings(
        database_url=sqlite_url, redis_url=redis_url, queue_redis_url=redis_url, secret_keys=KEYS,
        public_url="http://guichet.test", demo=True, limits=False,
    )  # fmt: skip
    async with chromium() as browser:
        with serving(create_app(settings), lifespan=True) as port:
            yield RepresentativeStage(f"http://127.0.0.1:{port}", desk, browser, account)
    desk.accounts.hasher.close()
    await db.close()


async def fill(page: Page, **changed: str) -> None:
    """The form, as somebody types it."""
    typed = LAWYER | changed
    for name, text in typed.items():
        if name == "kind":
            await page.locator(f"#kind-{text}").check()
        else:
            await page.locator(f"#{name}").fill(text)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
async def test_from_the_declaration_to_the_revocation(stage: RepresentativeStage, scripts: bool) -> None:
    """Every page on the way is free of violations at 320 and 1280 pixels, also where scripts are off."""
    kept = "representative" if scripts else ""
    async with stage.page(java_script_enabled=scripts) as page:
        await page.goto(PAGE)
        await see(page, scripts, kept and f"{kept}-none")
        await fill(page, email="anne@exemple.ca", number="")
        await page.get_by_role("button", name="Déclarer cette personne").click()
        await expect(page.locator("#erreurs")).to_contain_text("C’est l’adresse de votre compte")
        await expect(page.locator("#family_name")).to_have_value("Tremblay")
        await see(page, scripts, kept and f"{kept}-refused")
        await fill(page)
        await page.get_by_role("button", name="Déclarer cette personne").click()
        await expect(page.locator("main")).to_contain_text("Procuration attendue par la poste")
        await see(page, scripts, kept and f"{kept}-declared")
        await page.get_by_role("link", name="Imprimer la procuration").click()
        await see(page, scripts, kept and f"{kept}-paper")
        await page.goto(f"{PAGE}/revocation")
        await see(page, scripts, kept and f"{kept}-revoke")
        await page.get_by_role("button", name="Révoquer maintenant").click()
        await expect(page.locator("main")).to_contain_text("Représentants précédents")
        await see(page, scripts)


async def see(page: Page, scripts: bool, name: str = "") -> None:
    """axe itself needs scripts: where they are off, that nothing is wider than the page and no text is hidden."""
    if scripts:
        await look(page, name)
        return
    for width in (320, 1280):
        await page.set_viewport_size({"width": width, "height": 900})
        box = await page.locator("main").bounding_box()
        assert box is not None and box["width"] <= width


@pytest.mark.parametrize("state", ["received", "active", "frozen"])
async def test_each_state_is_clean(stage: RepresentativeStage, state: str) -> None:
    """Each state's page, with its history."""
    if state == "frozen":
        await register(stage.desk.accounts.db)
        await declared(stage.desk.accounts.db, stage.account, **CONSULTANT)
        await set_register(stage.desk.accounts.db, status=ConsultantStatus.SUSPENDED)
        await stage.desk.accounts.db.write(lambda conn: daily.freeze(conn, REPRESENTATIVES, now_ms()))
    elif state == "received":
        made = await declared(stage.desk.accounts.db, stage.account)
        await received(stage.desk.accounts.db, made.reference)
    else:
        await active(stage.desk.accounts.db, stage.account)
    async with stage.page() as page:
        await page.goto(PAGE)
        await look(page, f"representative-{state}")


async def test_the_error_summary_leads_to_the_field_by_keyboard(stage: RepresentativeStage) -> None:
    """Its links put the focus on the field, a group of choices too."""
    async with stage.page() as page:
        await page.goto(PAGE)
        await page.get_by_role("button", name="Déclarer cette personne").click()
        for field in ("kind", "family_name", "email"):
            await page.locator(f'#erreurs a[href="#{field}"]').focus()
            await page.keyboard.press("Enter")
            await expect(page.locator(f"#{field}")).to_be_focused()


@pytest.mark.slow
async def test_the_clerks_desk_is_clean(stage: RepresentativeStage) -> None:
    """Search, file, refused, entered; by keyboard alone."""
    made = await declared(stage.desk.accounts.db, stage.account)
    await stage.desk.accounts.db.write(
        lambda conn: add_operator(conn, "claire", SECRET, now_ms(), granted=(Role.CLERK,))
    )
    async with page_in(stage.browser, stage.url) as page:
        await page.goto(DESK)
        await page.get_by_label("Nom d’utilisateur").fill("claire")
        await page.get_by_label("Mot de passe", exact=True).fill(SECRET)
        await page.keyboard.press("Enter")
        await expect(page.get_by_label("Référence, en haut du papier")).to_be_visible()
        await look(page)
        await page.get_by_label("Référence, en haut du papier").fill(made.reference.lower())
        await page.keyboard.press("Enter")
        await expect(page.locator("main")).to_contain_text("Luc Tremblay")
        await look(page, "procuration-desk")
        await page.get_by_role("button", name="Inscrire le retour").click()
        await look(page, "procuration-desk-refused")
        await page.locator("#receive-received_on").fill(today().isoformat())
        await page.keyboard.press("Enter")
        await expect(page.locator("main")).to_contain_text("La procuration est inscrite.")
        await look(page, "procuration-desk-received")
