"""From the call to the receipt, as people come: by keyboard alone, on a narrow screen, without scripts, over a slow
line."""

import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import HERE, RoomStage
from tests.support import desks
from tests.support.browsing import TOO_WIDE, look_without_scripts
from tests.support.desks import Desk
from tests.support.drivers.keyboards import tab_to, type_into
from tests.support.slow_lines import throttle

pytestmark = pytest.mark.browser

FIVE_MINUTES = 300.0
"""From the call to the receipt over 56 kbit/s, with whoever types at once: half of the time that a person has."""

ORDINALS = ("première", "deuxième", "troisième")


@asynccontextmanager
async def in_line(stage: RoomStage, **options: object) -> AsyncIterator[Page]:
    """A page that waits with number 1, and its person's account with a complete draft."""
    desk: Desk = desks.make_desk(stage.hall.db)
    await desks.make_account(desk)
    desk.accounts.hasher.close()
    async with stage.waiting(**options) as page:
        yield page


async def sign_in(page: Page) -> None:
    await page.get_by_label("Nom d’utilisateur").fill("essai-00001")
    await page.get_by_label("Mot de passe", exact=True).fill(desks.PASSWORD)
    for ordinal, answer in zip(ORDINALS, desks.ANSWERS, strict=True):
        await page.get_by_label(f"Réponse à votre {ordinal}").fill(answer)
    await page.get_by_role("button", name="Se connecter").click()
    await page.wait_for_url(f"**{HERE}/demande")


async def sign(page: Page) -> None:
    await page.get_by_label("Je suis la candidate").check()
    await page.get_by_label("Je déclare").check()
    await page.get_by_role("button", name="Soumettre").click()
    await page.wait_for_url("**/recus/MPQ-*")


async def test_by_keyboard_alone(stage: RoomStage) -> None:
    """Tab, Space, Enter and letters from the call to the receipt: each control has the focus in turn, on the screen and
    under nothing; a refusal takes the focus, and its link leads to the field."""
    async with in_line(stage) as page:
        await stage.call()
        await expect(page).to_have_title(re.compile("^C’est votre tour"), timeout=25_000)
        await tab_to(page, "Se connecter à mon compte")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/connexion")
        await type_into(page, "Nom d’utilisateur", "essai-00001")
        await page.keyboard.press("Enter")
        await expect(page.locator("#erreurs")).to_be_focused()
        await tab_to(page, "Entrez votre mot de passe.")
        await page.keyboard.press("Enter")
        await expect(page.get_by_label("Mot de passe", exact=True)).to_be_focused()
        await page.keyboard.type(desks.PASSWORD)
        for ordinal, answer in zip(ORDINALS, desks.ANSWERS, strict=True):
            await type_into(page, f"Réponse à votre {ordinal}", answer)
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/demande")
        await tab_to(page, "Je suis la candidate")
        await page.keyboard.press("Space")
        await tab_to(page, "Je déclare")
        await page.keyboard.press("Space")
        await tab_to(page, "Soumettre la demande")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/recus/MPQ-*")
        await tab_to(page, "Relire la demande soumise")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", level=1)).to_contain_text("telle qu’elle a été soumise")


async def test_on_a_screen_of_320_pixels(stage: RoomStage) -> None:
    """A computer whose window is that narrow, or whose text is four times as large: nothing is cut off."""
    async with in_line(stage, viewport={"width": 320, "height": 640}) as page:
        await stage.call()
        await page.wait_for_url("**/connexion", timeout=30_000)
        assert await page.evaluate(TOO_WIDE) <= 0
        await sign_in(page)
        assert await page.evaluate(TOO_WIDE) <= 0
        await sign(page)
        assert await page.evaluate(TOO_WIDE) <= 0
        await page.get_by_role("link", name="Relire la demande soumise").click()
        assert await page.evaluate(TOO_WIDE) <= 0


@pytest.mark.slow
async def test_without_scripts(stage: RoomStage) -> None:
    """Pages that refresh themselves, links and forms: each page on the way is clean, the receipt is the same."""
    async with in_line(stage, java_script_enabled=False) as page:
        await stage.call()
        await page.wait_for_url("**/connexion", timeout=60_000)
        await look_without_scripts(page)
        await sign_in(page)
        await look_without_scripts(page)
        await sign(page)
        await look_without_scripts(page)
        await page.get_by_role("link", name="Relire la demande soumise").click()
        await look_without_scripts(page)


@pytest.mark.slow
async def test_over_a_slow_line(stage: RoomStage) -> None:
    """56 kbit/s each way and 600 ms a question, nothing cached before the room's page: from the call to the receipt in
    less than five of the ten minutes."""
    async with in_line(stage) as page:
        await throttle(page)
        began = time.monotonic()
        await stage.call()
        await page.wait_for_url("**/connexion", timeout=120_000)
        await sign_in(page)
        await sign(page)
        await expect(page.locator("main")).to_contain_text("MPQ-", timeout=60_000)
        took = time.monotonic() - began
    print(f"from the call to the receipt over a slow line: {took:.1f} s")
    assert took < FIVE_MINUTES
