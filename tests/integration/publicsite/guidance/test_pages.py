"""The pages of questions, guides and useful documents, as everybody gets them."""

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette

from config.assets import renderer
from publicsite.guidance.pages import GuidancePages
from quota.programmes import load_all
from server.rendering.contact import Contact
from tests.support.candidates.page_checks import assert_sound, text_of
from tests.support.places import ROOT

PROGRAMMES = load_all(ROOT / "config" / "programmes")

ADDRESSES = (
    "/questions", "/documents-utiles", "/guides/creer-un-compte", "/guides/remplir-une-demande",
    "/en/guides/create-an-account", "/en/guides/fill-in-an-application",
)  # fmt: skip


@pytest.fixture
async def browser() -> AsyncIterator[httpx.AsyncClient]:
    pages = GuidancePages(renderer(), PROGRAMMES, Contact())
    transport = httpx.ASGITransport(Starlette(routes=pages.routes()))
    async with httpx.AsyncClient(transport=transport, base_url="http://guichet.test") as client:
        yield client


@pytest.mark.parametrize("address", ADDRESSES)
async def test_each_page_is_sound_and_filled(browser: httpx.AsyncClient, address: str) -> None:
    """Every page is whole, and none shows a fact's name in place of the fact."""
    answer = await browser.get(address)
    assert answer.status_code == 200
    assert_sound(answer)
    assert "{" not in text_of(answer)


async def test_the_answer_on_drafts_says_what_the_programmes_have(browser: httpx.AsyncClient) -> None:
    """DR-01: ninety days, as the programme files have it."""
    shown = text_of(await browser.get("/questions"))
    assert "Vous avez 90 jours à partir du moment" in shown.replace("\N{NO-BREAK SPACE}", " ")


async def test_the_measure_that_ended_is_not_shown(browser: httpx.AsyncClient) -> None:
    """DR-07 ended on 31 March 2016; nobody reads of it today."""
    assert "1er avril 2015" not in text_of(await browser.get("/questions"))


async def test_a_guide_in_english_says_so_and_leads_to_the_french_one(browser: httpx.AsyncClient) -> None:
    """The English guide is marked as English, its frame stays French (LG-01, LG-02)."""
    page = (await browser.get("/en/guides/create-an-account")).text
    assert '<html lang="fr-CA">' in page and '<div class="stack" lang="en-CA">' in page
    assert 'hreflang="fr-CA" href="/guides/creer-un-compte"' in page


async def test_useful_documents_have_both_guides_in_both_languages(browser: httpx.AsyncClient) -> None:
    """« Documents utiles » has two times two guides (LG-02)."""
    page = (await browser.get("/documents-utiles")).text
    for address in ADDRESSES[2:]:
        assert f'href="{address}"' in page
