"""« Frais et modes de paiement »: whole without scripts, and samples say that they are samples."""

import re

import httpx
from starlette.applications import Starlette

from config.assets import renderer
from publicsite.fees.pages import FeePages
from tests.support.candidates.page_checks import assert_sound, text_of
from tests.support.tasks import KNOWN


async def test_it_shows_the_fees_the_five_instruments_and_the_rule() -> None:
    app = Starlette(routes=FeePages(renderer(), KNOWN).routes())
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://guichet.test") as browser:
        page = await browser.get("/frais")
    assert_sound(page)
    names = re.findall(r'aria-label(?:ledby)?="([^"]+)"', page.text)
    assert len(names) == len(set(names)), "two landmarks of one name"
    said = text_of(page).replace("\u00a0", " ")
    assert "822,00 $" in said and "Montants d’exemple" in said
    assert "Mandat postal de Postes Canada" in said and "en un seul envoi" in said
