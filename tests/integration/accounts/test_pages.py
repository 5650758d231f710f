"""The sign-in pages: where they lead, and what they never give away."""

from collections.abc import AsyncIterator

import pytest

from foundation.sql.database import Database
from tests.support.candidates.files import PASSWORD, RIGHT, FilePlace, file_place
from tests.support.candidates.page_checks import text_of


@pytest.fixture
async def place(database: Database) -> AsyncIterator[FilePlace]:
    async with file_place(database) as made:
        yield made


async def test_signing_out_ends_the_session(place: FilePlace) -> None:
    """The old cookie opens nothing any more, also when somebody kept a copy of it."""
    await place.person()
    async with place.browser() as browser:
        await browser.post("/connexion", data=RIGHT)
        secret = browser.cookies["session"]
        answer = await browser.post("/deconnexion")
        assert answer.headers["location"] == "/connexion?note=deconnexion"
        assert "Vous êtes maintenant déconnecté." in text_of(await browser.get(answer.headers["location"]))
    async with place.browser() as thief:
        thief.cookies.set("session", secret)
        assert (await thief.get("/compte")).headers["location"] == "/connexion?suite=/compte"


@pytest.mark.parametrize(
    "suite",
    [
        "//ailleurs.example",
        "https://ailleurs.example/compte",
        "/compte@ailleurs.example",
        "/operateur",
        "\\x",
        "",
    ],
)
async def test_a_sign_in_leads_nowhere_but_to_our_pages(place: FilePlace, suite: str) -> None:
    """An address made elsewhere cannot send somebody away with a fresh session."""
    await place.person()
    async with place.browser() as browser:
        answer = await browser.post("/connexion", params={"suite": suite}, data=RIGHT)
    assert answer.headers["location"] == "/compte"


async def test_a_browser_that_refuses_cookies_is_told_so_with_what_it_typed(place: FilePlace) -> None:
    """The page brings a cookie and a field; where the field comes back alone, it is said why nobody is signed in."""
    await place.person()
    async with place.browser() as browser:
        page = await browser.get("/connexion")
        assert "cookie-check=1" in page.headers["set-cookie"] and 'name="cookie_check"' in page.text
        browser.cookies.clear()
        answer = await browser.post("/connexion", data=RIGHT | {"cookie_check": "1"})
        assert answer.status_code == 403
        seen = text_of(answer)
        assert "Votre navigateur refuse les témoins" in seen and "permettez les témoins pour ce site" in seen
        assert 'value="anne"' in answer.text and f'value="{RIGHT["answer-1"]}"' in answer.text
        assert PASSWORD not in answer.text
        assert not browser.cookies.get("session")
        again = await browser.post("/connexion", data=RIGHT | {"cookie_check": "1"})
        assert again.headers["location"] == "/compte"  # cookies were permitted meanwhile


async def test_a_client_that_never_asked_for_the_page_is_signed_in(place: FilePlace) -> None:
    """Without the page's field nothing is known of cookies, and nobody is held up."""
    await place.person()
    async with place.browser() as client:
        assert (await client.post("/connexion", data=RIGHT)).headers["location"] == "/compte"
