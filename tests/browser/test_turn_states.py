"""Every state of the ten minutes in a real browser, with scripts and without: it fits, and axe finds nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.async_api import Page, expect

from accounts import store as accounts_store
from config.demo.people import invented_content
from foundation.clock import now_ms
from quota import store as quota_store
from tests.browser.test_candidate_pages import HERE, BrowserStage, sign, sign_in, stage
from tests.support import desks
from tests.support.browsing import look, look_without_scripts, page_in
from tests.support.drafts import rewrite
from tests.support.rooms import set_period

__all__ = ["stage"]

pytestmark = pytest.mark.browser

TRAINING = "/demande/demo/training"


async def seen(page: Page, name: str, scripts: bool) -> None:
    """What stands here is clean, at both widths; its picture is kept."""
    if scripts:
        await look(page, f"turn-{name}")
    else:
        await look_without_scripts(page)


@asynccontextmanager
async def signed_in(stage: BrowserStage, scripts: bool, *, lacking: bool = False) -> AsyncIterator[Page]:
    """The review of somebody whose turn it is; `lacking` a diploma."""
    async with stage.called(java_script_enabled=scripts) as page:
        if lacking:
            a = accounts_store.account.c.id
            account = (await stage.desk.db.read(lambda conn: conn.execute(sa.select(a)))).scalar_one()
            content = invented_content("essai", 1)
            del content["training"]["diploma"]
            await rewrite(stage.desk.db, stage.desk.drafts, account, content)
        await sign_in(page)
        yield page


async def end(stage: BrowserStage, **values: Any) -> None:
    t = quota_store.token
    await stage.desk.db.write(lambda conn: conn.execute(sa.update(t).values(values)))


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
async def test_signing_in(stage: BrowserStage, scripts: bool) -> None:
    """The clock stopped in a pause, running, in its last minute; refused; over."""
    async with stage.called(java_script_enabled=scripts) as page:
        await page.goto(f"{HERE}/connexion")
        await seen(page, "sign-in-paused", scripts)
        await stage.run_clock()
        await stage.leave(50_000)
        await page.goto(f"{HERE}/connexion")
        await seen(page, "sign-in-last-minute", scripts)
        await end(stage, ends=600_000)
        await page.goto(f"{HERE}/connexion")
        await page.get_by_label("Nom d’utilisateur").fill("essai-00001")
        await page.get_by_role("button", name="Se connecter").click()
        await expect(page.locator("#erreurs")).to_contain_text("Entrez votre mot de passe")
        await seen(page, "sign-in-refused", scripts)
        await end(stage, state="lapsed", ends=-60_000)
        await page.get_by_label("Mot de passe", exact=True).fill(desks.PASSWORD)
        for ordinal, answer in zip(("première", "deuxième", "troisième"), desks.ANSWERS, strict=True):
            await page.get_by_label(f"Réponse à votre {ordinal}").fill(answer)
        await page.get_by_role("button", name="Se connecter").click()
        await expect(page.locator("#erreurs")).to_contain_text("Le délai de votre jeton est dépassé")
        await seen(page, "sign-in-over", scripts)


@pytest.mark.slow
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
async def test_reviewing_and_signing(stage: BrowserStage, scripts: bool) -> None:
    """Something is missing; filled in from there and back; unsigned; suspended; over; signed, and read again."""
    async with signed_in(stage, scripts, lacking=True) as page:
        await expect(page.locator("main")).to_contain_text("Il manque un renseignement")
        await seen(page, "review-missing", scripts)
        await page.locator("main").get_by_role("link", name="À remplir").click()
        await page.wait_for_url(f"**{TRAINING}**")
        await expect(page.locator("main")).to_contain_text("Il vous reste")
        await seen(page, "section-in-time", scripts)
        await page.get_by_label("Diplôme").fill("Maîtrise")
        await page.get_by_role("button", name="Enregistrer et revenir à la révision").click()
        await page.wait_for_url(f"**{HERE}/demande")
        await expect(page.locator("main")).to_contain_text("Votre demande est complète.")
        await seen(page, "review-complete", scripts)
        await page.get_by_role("button", name="Soumettre").click()
        await expect(page.locator("#erreurs")).to_contain_text("La signature manque")
        await seen(page, "review-unsigned", scripts)
        await set_period(stage.desk.db, stage.period, suspended=True)
        await page.get_by_label("Je suis la candidate").check()
        await page.get_by_label("Je déclare").check()
        await page.get_by_role("button", name="Soumettre").click()
        await expect(page.locator("#erreurs")).to_contain_text("Les soumissions sont suspendues")
        await expect(page.get_by_label("Je déclare")).to_be_checked()
        await seen(page, "review-suspended", scripts)
        await set_period(stage.desk.db, stage.period, suspended=False)
        await sign(page)
        await page.wait_for_url("**/recus/MPQ-*")
        await seen(page, "receipt", scripts)
        await page.get_by_role("link", name="Relire la demande soumise").click()
        await seen(page, "signed", scripts)


@pytest.mark.slow
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
async def test_the_end_in_the_middle_of_typing(stage: BrowserStage, scripts: bool) -> None:
    """Typed and not yet saved when the time ends: saving keeps it, the page says how to come back; and so does the
    signature that came too late, with what was ticked (P12)."""
    async with signed_in(stage, scripts) as page:
        await stage.run_clock()
        await page.goto(TRAINING)
        await page.get_by_label("Établissement").fill("Université Laval")
        await end(stage, state="lapsed", ends=-60_000)
        await page.get_by_role("button", name="Enregistrer", exact=True).click()
        await expect(page.locator("#delai")).to_have_text("Votre délai de soumission est terminé")
        await expect(page.get_by_label("Établissement")).to_have_value("Université Laval")
        await seen(page, "section-over", scripts)
        back = page.locator("main").get_by_role("link", name="Retourner à la page d’attente").first
        await expect(back).to_have_attribute("href", HERE)


@pytest.mark.slow
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
async def test_a_signature_that_comes_too_late(stage: BrowserStage, scripts: bool) -> None:
    """What was ticked is ticked, what was filled in is there, and the way back to the line is offered."""
    async with signed_in(stage, scripts) as page:
        await page.get_by_label("Je suis la candidate").check()
        await page.get_by_label("Je déclare").check()
        await end(stage, state="lapsed", ends=-60_000)
        await page.get_by_role("button", name="Soumettre").click()
        await expect(page.locator("#erreurs")).to_contain_text("Le délai de votre jeton est dépassé")
        await expect(page.get_by_label("Je déclare")).to_be_checked()
        await seen(page, "review-over", scripts)


@pytest.mark.slow
async def test_seven_relatives_in_seven_browsers(stage: BrowserStage) -> None:
    """All press in the same moment: one is on the review, six read who was first and what to do, and one submission
    comes of it (DU-04)."""
    async with stage.called() as first:
        tickets = [await desks.call(stage.desk, stage.period, number) for number in range(8, 14)]
        await set_period(stage.desk.db, stage.period, ticked_at=now_ms())

        async def fill(page: Page) -> None:
            await page.goto(f"{HERE}/connexion")
            await page.get_by_label("Nom d’utilisateur").fill("essai-00001")
            await page.get_by_label("Mot de passe", exact=True).fill(desks.PASSWORD)
            for ordinal, answer in zip(("première", "deuxième", "troisième"), desks.ANSWERS, strict=True):
                await page.get_by_label(f"Réponse à votre {ordinal}").fill(answer)

        async def relative(ticket: str, ready: asyncio.Barrier) -> str:
            async with page_in(stage.browser, stage.url) as page:
                await page.context.add_cookies([{"name": "ticket-essai", "value": ticket, "url": stage.url}])
                await fill(page)
                await ready.wait()
                return await press(page)

        async def press(page: Page) -> str:
            await page.get_by_role("button", name="Se connecter").click()
            await page.wait_for_selector("#erreurs, #signature", timeout=30_000)
            if await page.locator("#signature").count():
                await sign(page)
                await page.wait_for_url("**/recus/MPQ-*")
                return "submitted"
            told = await page.locator("#erreurs").inner_text()
            assert "déjà" in told and "pénalisé" in told
            return "told"

        async def own(ready: asyncio.Barrier) -> str:
            await fill(first)
            await ready.wait()
            return await press(first)

        ready = asyncio.Barrier(7)
        ends = await asyncio.gather(own(ready), *(relative(one.ticket, ready) for one in tickets))
        assert sorted(ends) == ["submitted", *["told"] * 6]
