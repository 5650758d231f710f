"""Texts that lost a conflict are there to be read, by their owner alone (P12)."""

from accounts.pages import SignInPages
from casework.pages import DESTINATIONS
from config.assets import renderer
from server.problems import Problems
from submission.drafts.past_texts.pages import HERE, PastTextPages
from tests.support.candidates.drafting import MASTER, DraftingPlace, put
from tests.support.candidates.page_checks import assert_clean, text_of


def with_page(place: DraftingPlace) -> None:
    problems = Problems("http://guichet.test", renderer())
    sign_in = SignInPages(place.desk.accounts, renderer(), problems.tell, DESTINATIONS)
    place.app.router.routes.extend(PastTextPages(place.desk, sign_in, renderer()).routes())


async def test_both_texts_of_a_conflict_can_be_read(place: DraftingPlace) -> None:
    with_page(place)
    async with await place.signed_in(1) as browser, await place.signed_in(2) as other:
        nothing = await browser.get(HERE)
        assert_clean(nothing)
        assert "Aucun texte" in text_of(nothing)
        assert (await put(browser, 0, MASTER)).status_code == 200
        assert (await put(browser, 0, MASTER | {"school": "École <perdue>"})).status_code == 409
        page = await browser.get(HERE)
        assert_clean(page)
        assert "École <perdue>" in text_of(page) and "Université de Lyon" in text_of(page)
        assert "École" not in (await other.get(HERE)).text


async def test_nobody_else_is_shown_any(place: DraftingPlace) -> None:
    with_page(place)
    async with place.browser() as stranger:
        answer = await stranger.get(HERE)
        assert (answer.status_code, answer.headers["location"][:11]) == (303, "/connexion?")
