"""`/compte/decisions` and `/api/v1/account/reviews`."""

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette

from accounts import sessions
from accounts.pages import SignInPages
from accounts.reviews.mails import PAGE
from accounts.states import SessionRole
from casework.pages import DESTINATIONS
from config.assets import renderer
from foundation.sql.database import Database
from server.problems import Problems
from submission.near_duplicates.pages import ADDRESS, OwnReviewPages
from tests.support.candidates.alike import fresh, pair
from tests.support.candidates.page_checks import text_of
from tests.support.desks import Desk, make_account, make_desk, sign_in


@pytest.fixture
async def desk(database: Database) -> AsyncIterator[Desk]:
    desk = make_desk(database)
    yield desk
    desk.accounts.hasher.close()


async def browser(desk: Desk, number: int | None) -> httpx.AsyncClient:
    """A browser in which the owner of this account is signed in, or nobody."""
    problems = Problems("http://guichet.test", renderer())
    pages = SignInPages(desk.accounts, renderer(), problems.tell, DESTINATIONS)
    routes = [*OwnReviewPages(pages, renderer(), problems.tell).routes(), *problems.routes()]
    app = Starlette(routes=routes, exception_handlers=problems.handlers())
    cookies = {}
    if number is not None:
        signed_in = await sign_in(desk, None, number)
        cookies[sessions.COOKIES[SessionRole.CANDIDATE]] = signed_in.secret
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://guichet.test", cookies=cookies
    )


async def test_the_owner_reads_the_decision_and_answers(desk: Desk) -> None:
    """That it was automatic, on what it rests, and a form for observations."""
    _, _, review = await pair(desk)
    here = await browser(desk, 2)
    page = (await here.get(PAGE)).text
    for said in ("automatiquement", "numéro de passeport", "article 65.2", "c’est l’autre compte"):
        assert said.lower() in page.lower()
    refused = await here.post(PAGE, data={"review": str(review.id), "text": " "})
    assert refused.status_code == 422
    assert f'href="#text-{review.id}"' in refused.text
    sent = await here.post(PAGE, data={"review": str(review.id), "text": "Voyez <i>donc</i>."})
    assert (sent.status_code, sent.headers["location"]) == (303, f"{PAGE}?envoye=1")
    assert "Vos observations sont reçues" in (await here.get(sent.headers["location"])).text
    assert (await fresh(desk, review)).has_request


async def test_the_same_over_the_api(desk: Desk) -> None:
    """Listed, answered; nobody else's case exists; without a session nothing is said."""
    _, _, review = await pair(desk)
    here = await browser(desk, 2)
    (shown,) = (await here.get(ADDRESS)).json()["reviews"]
    assert (shown["id"], shown["barred"], shown["automatic"]) == (review.id, True, True)
    assert (await here.post(f"{ADDRESS}/{review.id}", json={"text": "Voyez."})).status_code == 202
    for other in ("99", "x", "9" * 30, "1'--"):
        assert (await here.post(f"{ADDRESS}/{other}", json={"text": "Voyez."})).status_code == 404
    nobody = await browser(desk, None)
    assert (await nobody.get(ADDRESS)).status_code == 401
    assert (await nobody.get(PAGE)).status_code in (303, 401)


async def test_observations_outlive_the_session(desk: Desk) -> None:
    """Signed out, and signed in as somebody else: the text stays on the screen, and nothing is asked for (P12)."""
    _, _, review = await pair(desk)
    typed = {"review": str(review.id), "text": "Voyez <donc>."}
    await make_account(desk, 3)
    for number, said in ((None, "Votre session a pris fin"), (3, "celle d’un autre compte")):
        kept = await (await browser(desk, number)).post(PAGE, data=typed)
        assert kept.status_code == 401 and said in text_of(kept)
        assert "Voyez &lt;donc&gt;." in kept.text and f'name="review" value="{review.id}"' in kept.text
    assert not (await fresh(desk, review)).has_request
    assert (await (await browser(desk, 2)).post(PAGE, data=typed)).status_code == 303
