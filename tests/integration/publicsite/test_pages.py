"""What everybody is told: the list of periods and the accessibility statement."""

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette

from config.assets import renderer
from foundation.clock import now_ms
from foundation.sql.database import Database
from publicsite.pages import PublicPages
from server.fast_path import framework_routes
from server.problems import Problems
from tests.support.candidates.files import COMPUTER
from tests.support.candidates.page_checks import assert_sound, text_of
from tests.support.rooms import Hall, hall, make_period
from waitingroom.pages import RoomPages


class PublicPlace:
    """The public pages beside the room's; browsers are httpx clients."""

    def __init__(self, hall: Hall) -> None:
        self.db = hall.db
        problems, names = Problems("http://guichet.test", renderer()), {"demo": "Programme d’essai"}
        room = hall.room
        public = PublicPages(room, renderer(), names, {}, False)
        rooms = RoomPages(room, hall.endpoint(), renderer(), names, {}, False, public.unknown_period)
        routes = [
            *framework_routes([*public.fast_routes(), *rooms.fast_routes()]),
            *public.routes(),
            *rooms.routes(),
            *problems.routes(),
        ]
        self.app = Starlette(routes=routes, exception_handlers=problems.handlers())

    def browser(self) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app)
        return httpx.AsyncClient(
            transport=transport, base_url="http://guichet.test", headers={"User-Agent": COMPUTER}
        )


@pytest.fixture
async def place(database: Database, redis_url: str) -> AsyncIterator[PublicPlace]:
    await make_period(database, ticked_at=now_ms())
    async with hall(database, redis_url) as made:
        await made.room.periods.refresh()
        yield PublicPlace(made)


async def test_home_names_the_periods(place: PublicPlace) -> None:
    """The first page has each open period with its « Se connecter » button; drafts are nobody's business."""
    await make_period(place.db, id="brouillon", state="draft", ordinal=2)
    async with place.browser() as browser:
        answer = await browser.get("/")
        assert answer.status_code == 200
        assert_sound(answer)
        assert 'action="/periodes/essai/joindre"' in answer.text and "Se connecter" in text_of(answer)
        assert "brouillon" not in answer.text
        assert "visitor" in browser.cookies


@pytest.mark.parametrize("id", ["inconnue", "brouillon"])
async def test_an_unknown_period_leads_to_those_there_are(place: PublicPlace, id: str) -> None:
    """An unknown or unannounced period is 404, with the list of periods on the same page."""
    await make_period(place.db, id="brouillon", state="draft", ordinal=2)
    async with place.browser() as browser:
        answer = await browser.get(f"/periodes/{id}")
        assert answer.status_code == 404
        assert "Cette période n’existe pas" in text_of(answer) and 'href="/periodes/essai"' in answer.text


async def test_the_accessibility_statement_names_the_exception(place: PublicPlace) -> None:
    """The statement has the real-time exception, the 15 s refresh and the way to more time."""
    async with place.browser() as browser:
        answer = await browser.get("/accessibilite")
    assert_sound(answer)
    for words in ("2.2.1", "15 secondes", "temps réel", "jusqu’au double"):
        assert words in text_of(answer)
