"""Taking back a draft whose days are over."""

from foundation.calendar.days import DAY_MS
from foundation.clock import now_ms
from tests.support.candidates.drafting import DEMO, DraftingPlace
from tests.support.candidates.page_checks import assert_clean, text_of


async def test_an_expired_draft_can_be_recovered(place: DraftingPlace) -> None:
    """The page says until when, and what happens then; recovered, its days begin anew with the same text."""
    async with await place.signed_in(draft=True, begun_at=now_ms() - 95 * DAY_MS) as browser:
        page = await browser.get(DEMO)
        assert_clean(page)
        assert "échu" in text_of(page) and "sera détruit" in text_of(page)
        assert (await browser.get(f"{DEMO}/training")).headers["location"] == DEMO
        assert (await browser.post(DEMO)).headers["location"] == DEMO
        after = await browser.get(DEMO)
        assert "encore 90 jours" in text_of(after) and "Votre brouillon est complet" in text_of(after)
        assert (await browser.post(DEMO)).status_code == 303  # once more: nothing to recover, nothing done
