"""The page of the timeline: for its own account, at any hour, without the room."""

from contextlib import aclosing

from starlette.applications import Starlette

from accounts.pages import SignInPages
from casework.pages import DESTINATIONS
from casework.timeline import sources
from casework.timeline.pages import TimelinePages
from config.assets import renderer
from foundation.sql.database import Database
from server.problems import Problems
from tests.support.candidates.files import RIGHT, FilePlace, file_place
from tests.support.candidates.page_checks import assert_sound, text_of


def with_timeline(place: FilePlace) -> None:
    problems = Problems("http://guichet.test", renderer())
    sign_in = SignInPages(place.desk.accounts, renderer(), problems.tell, DESTINATIONS)
    pages = TimelinePages(sign_in, renderer(), sources.sources(place.desk.programmes))
    assert isinstance(place.app, Starlette)
    place.app.router.routes[:0] = pages.routes()


async def test_the_owner_sees_what_happened_while_a_period_is_open(database: Database) -> None:
    """Without a ticket and without a token: following a file never goes through the room (AC-09)."""
    async with file_place(database) as place:
        with_timeline(place)
        await place.person("anne")
        async with aclosing(place.browser()) as browser:
            await browser.post("/connexion", data=RIGHT)
            page = await browser.get("/compte/suivi")
        assert page.status_code == 200
        assert_sound(page)
        assert "Brouillon commencé" in text_of(page) and "heure de Montréal" in text_of(page)


async def test_whoever_is_not_signed_in_is_led_to_the_sign_in_and_back(database: Database) -> None:
    """The address of the timeline is one that a sign-in leads to."""
    async with file_place(database) as place:
        with_timeline(place)
        async with aclosing(place.browser()) as browser:
            away = await browser.get("/compte/suivi")
        assert (away.status_code, away.headers["location"]) == (303, "/connexion?suite=/compte/suivi")
