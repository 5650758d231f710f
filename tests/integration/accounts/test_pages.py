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


async def test_the_empty_form_is_shared_by_those_who_would_see_the_same(place: FilePlace) -> None:
    """Where it leads and what it says above are each address's own; only a browser without cookies is given one."""
    await place.person()
    async with place.browser() as stranger, place.browser() as signed_in:
        plain = await stranger.get("/connexion")
        assert "cookie-check=1" in plain.headers["set-cookie"]
        again = await stranger.get("/connexion")
        assert "set-cookie" not in again.headers and again.text == plain.text
        for address, leads_to, words in (
            ("?suite=/documents", "/documents", ""),
            ("?suite=/documents&note=fin", "/documents", "Votre session a pris fin."),
            ("?note=fin", "/compte", "Votre session a pris fin."),
            ("?note=%3Cb%3Efin", "/compte", ""),
            ("?suite=//ailleurs.example&note=", "/compte", ""),
        ):
            page = await stranger.get(f"/connexion{address}")
            assert f'action="/connexion?suite={leads_to}"' in page.text
            assert words in text_of(page)
            if not words:
                assert page.text.replace(f"suite={leads_to}", "suite=/compte") == plain.text
        await signed_in.post("/connexion", data=RIGHT)
        asked = await signed_in.get("/connexion?compte=autre")
        assert "« anne »" in text_of(asked)
        assert (await signed_in.get("/connexion")).headers["location"] == "/compte"
        assert (await stranger.get("/connexion?compte=autre")).text == plain.text


async def test_a_session_that_ended_is_asked_to_sign_in(place: FilePlace) -> None:
    """With the form that nobody has typed into, whatever cookie is left."""
    async with place.browser() as browser:
        plain = await browser.get("/connexion")
    async with place.browser() as browser:
        browser.cookies.set("session", "x" * 43)
        page = await browser.get("/connexion")
    assert page.status_code == 200 and page.text == plain.text and "set-cookie" not in page.headers
