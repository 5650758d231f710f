"""The sign-in pages: where they lead, and what they never give away."""

from collections.abc import AsyncIterator

import pytest

from foundation.sql.database import Database
from tests.support.candidates.files import RIGHT, FilePlace, file_place
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
