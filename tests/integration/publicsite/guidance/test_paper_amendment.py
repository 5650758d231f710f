"""The form of an amendment on paper."""

import httpx
from starlette.applications import Starlette

from config.assets import renderer
from config.settings import PROGRAMMES
from publicsite.guidance import texts
from publicsite.guidance.paper_amendment import CHANGES, PAPER, PaperAmendmentPages
from quota.programmes import load_all
from tests.support.candidates.page_checks import assert_clean, text_of


async def test_everybody_can_print_it() -> None:
    """With what can be ticked, the thirty days and where it goes; « Documents utiles » leads to it."""
    app = Starlette(routes=PaperAmendmentPages(renderer(), load_all(PROGRAMMES)).routes())
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://guichet.test"
    ) as client:
        page = await client.get(PAPER)
    assert_clean(page)
    said = text_of(page)
    assert (
        all(words in said for words in CHANGES) and "30 jours" in said and "celle de votre conjoint" in said
    )
    assert PAPER in {one.to for one in texts.useful_documents().documents}
