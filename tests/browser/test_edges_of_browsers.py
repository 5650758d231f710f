"""Pages where a browser is not as we would like it: it prints, refuses cookies, has fingers and a trackpad."""

import pytest
import sqlalchemy as sa
from playwright.async_api import Page, expect

from config.demo.people import identity_of, invented_content
from foundation.clock import now_ms
from submission import store as submission_store
from tests.browser.test_candidate_pages import HERE, BrowserStage, sign, sign_in
from tests.browser.test_candidate_pages import stage as stage  # the fixture
from tests.support import desks
from tests.support.browsing import look, page_in
from tests.support.tasks import confirm

pytestmark = pytest.mark.browser

IDENTITY = identity_of(invented_content("essai", 1))

NAME = f"{IDENTITY.given_name} {IDENTITY.family_name}"

COVERED = """() => Array.from(document.querySelectorAll("h1, h2, h3, dt, dd, legend, label"), (part) => {
    const box = part.getBoundingClientRect();
    scrollTo(0, box.top + scrollY); // where a bar that stays at the top would lie over it
    const now = part.getBoundingClientRect();
    const there = document.elementFromPoint(now.left + 4, Math.max(now.top, 0) + 4);
    return there && (part.contains(there) || there.contains(part)) ? null : part.textContent;
}).filter(Boolean)"""
"""Texts that something else covers when they are at the top of the page."""


async def printed(page: Page) -> str:
    """What stands on paper."""
    await page.emulate_media(media="print")
    assert await page.evaluate(COVERED) == []
    for gone in (".time-left", ".site-nav", ".actions"):
        for part in await page.locator(gone).all():
            await expect(part).to_be_hidden()
    text = await page.locator("body").inner_text()
    await page.emulate_media(media="screen")
    return " ".join(text.split())


async def test_paper_names_the_person_and_the_account_and_hides_nothing(stage: BrowserStage) -> None:
    """Review, receipt and confirmation: who, which account; no bar of time over « Signature », and no button."""
    async with stage.called() as page:
        await sign_in(page)
        review = await printed(page)
        assert "Signature" in review and "essai-00001" in review
        assert IDENTITY.family_name in review and IDENTITY.given_name in review
        await sign(page)
        await page.wait_for_url("**/recus/MPQ-*")
        receipt = await printed(page)
        assert f"Nom {NAME}" in receipt and "Compte essai-00001" in receipt
        s = submission_store.submission
        made = (await stage.desk.db.read(lambda conn: conn.execute(sa.select(s.c.id)))).scalar_one()
        await stage.desk.db.write(lambda conn: confirm(conn, made, now_ms()))
        await page.goto("/documents")
        await page.get_by_role("link", name="Confirmation d’admission dans le quota").first.click()
        confirmation = await printed(page)
        assert f"Nom {NAME}" in confirmation and "Compte essai-00001" in confirmation


async def test_a_bar_that_is_printed_hides_what_it_lies_over(stage: BrowserStage) -> None:
    """Twin: on the screen the bar of the time left stays at the top, over whatever scrolls below it."""
    async with stage.called() as page:
        await sign_in(page)
        await page.set_viewport_size({"width": 800, "height": 700})
        assert await page.evaluate(COVERED) != []


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
async def test_a_sign_in_without_cookies_says_so(stage: BrowserStage, scripts: bool) -> None:
    """Right credentials answer with the reason and the way on, what was typed is kept, and axe finds nothing.

    That the cookies are gone when the form is sent is all that the service sees of a browser that refuses them.
    """
    await desks.make_account(stage.desk)
    async with page_in(stage.browser, stage.url, java_script_enabled=scripts) as page:
        await page.goto("/connexion")
        await typed(page)
        await page.context.clear_cookies()
        await page.get_by_role("button", name="Se connecter").click()
        await expect(page.locator("#erreurs")).to_contain_text("Votre navigateur refuse les témoins")
        await expect(page.get_by_label("Nom d’utilisateur")).to_have_value("essai-00001")
        await expect(page.get_by_label("Réponse à votre première")).to_have_value(desks.ANSWERS[0])
        await expect(page.get_by_label("Mot de passe", exact=True)).to_have_value("")
        if scripts:  # axe waits for timers, which stand still with the scripts
            await look(page, "11-cookies-refused")


async def typed(page: Page) -> None:
    await page.get_by_label("Nom d’utilisateur").fill("essai-00001")
    await page.get_by_label("Mot de passe", exact=True).fill(desks.PASSWORD)
    for ordinal, answer in zip(("première", "deuxième", "troisième"), desks.ANSWERS, strict=True):
        await page.get_by_label(f"Réponse à votre {ordinal}").fill(answer)


async def test_a_number_that_went_with_its_cookies_is_said(stage: BrowserStage) -> None:
    """Cookies cleared while « C’est votre tour » is open: the form says what happened and keeps what was typed."""
    async with stage.called() as page:
        await page.goto(f"{HERE}/connexion")
        await typed(page)
        await page.context.clear_cookies(name="ticket-essai")
        await page.context.add_cookies([{"name": "visitor", "value": "x", "url": stage.url}])
        await page.get_by_role("button", name="Se connecter").click()
        await expect(page.locator("#erreurs")).to_contain_text("Nous ne reconnaissons pas votre place")
        await expect(page.get_by_label("Nom d’utilisateur")).to_have_value("essai-00001")
        await look(page, "12-number-gone")


async def test_one_probe_for_all_pages(stage: BrowserStage) -> None:
    """What the join says of the device the sign-in says too, in a browser with fingers as in any other."""
    said: dict[str, list[str]] = {}
    read = "Array.from(document.querySelectorAll('[data-probe]'), (field) => field.name + '=' + field.value)"
    async with stage.called(has_touch=True) as page:
        await stage.run_clock()
        await page.context.clear_cookies()
        await page.goto(HERE)
        said["join"] = (await page.evaluate(read))[:4]
    assert said["join"][0] == "touch_points=1" and "any_pointer=coarse" in said["join"]
    async with page_in(stage.browser, stage.url, has_touch=True) as page:
        await page.goto("/connexion")
        said["sign-in"] = await page.evaluate(read)
    assert said["sign-in"] == said["join"]


async def test_a_form_that_was_exchanged_is_probed_too(stage: BrowserStage) -> None:
    """A refusal puts another form into the page; what is sent from there still says what the device is."""
    await desks.make_account(stage.desk)
    async with page_in(stage.browser, stage.url) as page:
        await page.goto("/connexion")
        await page.get_by_role("button", name="Se connecter").click()
        await expect(page.locator("#erreurs")).to_be_focused()
        async with page.expect_request(lambda asked: asked.method == "POST") as asked:
            await page.get_by_role("button", name="Se connecter").click()
        assert "pointer=fine" in ((await asked.value).post_data or "")
