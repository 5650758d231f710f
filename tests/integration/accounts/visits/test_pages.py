"""The button that lengthens a session, with and without a session."""

import httpx
from starlette.applications import Starlette

from accounts.visits import api
from accounts.visits.pages import VisitPages
from casework.pages import DESTINATIONS
from config.assets import renderer
from foundation.sql.database import Database
from tests.support.desks import Desk, make_account, make_desk, sign_in


def client(desk: Desk, cookies: dict[str, str]) -> httpx.AsyncClient:
    pages = VisitPages(desk.accounts, renderer(), DESTINATIONS)
    app = Starlette(routes=[*pages.routes(), *api.routes(desk.accounts)])
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://guichet.test", cookies=cookies)


async def test_the_button_answers_in_a_tab_of_its_own(on_sqlite: Database) -> None:
    """It says until when, and leads back to no address of others."""
    desk = make_desk(on_sqlite)
    await make_account(desk)
    async with client(desk, {"session": (await sign_in(desk)).secret}) as browser:
        for then, leads in (("/compte/suivi", "/compte/suivi"), ("//autre.example", "/compte")):
            answer = await browser.post("/session/prolonger", data={"suite": then})
            assert answer.status_code == 200
            assert "Votre session est prolongée" in answer.text
            assert f'href="{leads}"' in answer.text


async def test_without_a_session_it_says_how_nothing_is_lost(on_sqlite: Database) -> None:
    """The form stays open in the other tab; the sign-in leads back."""
    async with client(make_desk(on_sqlite), {}) as browser:
        answer = await browser.post("/session/prolonger", data={"suite": "/compte"})
        assert answer.status_code == 401
        assert "/connexion?suite=/compte&amp;note=fin" in answer.text
