"""Somebody with an account of their own, signed in, and the pages where they see and change what is on file."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.own_account.pages import FormStanding, OwnAccountPages
from accounts.pages import SignInPages
from casework.pages import DESTINATIONS
from config.assets import renderer
from foundation.sql.database import Database
from server.problems import Problems
from tests.support.candidates.registering import ANSWERS, PASSWORD, PUBLIC_URL, RegistrationPlace

SECRETS: dict[str, Any] = {
    "username": "eve-essai",
    "password": PASSWORD,
    "answers": [one["answer"] for one in ANSWERS],
}

REHEARSAL = {
    "username": "Ève-Essai", "password": PASSWORD,
    **{f"answer-{n}": one["answer"].upper() for n, one in enumerate(ANSWERS, 1)},
}  # fmt: skip


class OwnAccountPlace(RegistrationPlace):
    """The routes of registration, and those behind the sign-in of an account."""

    forms: Sequence[FormStanding] = ()
    """What the checklist is told of forms."""

    async def standings(self, _conn: AsyncConnection, _account: int) -> Sequence[FormStanding]:
        return self.forms

    def __init__(self, db: Database) -> None:
        super().__init__(db)
        problems = Problems(PUBLIC_URL, renderer())
        sign_in = SignInPages(self.desk.accounts, renderer(), problems.tell, DESTINATIONS)
        pages = OwnAccountPages(
            self.services, sign_in, renderer(), problems.tell, lambda _came: True, self.standings
        )
        self.app.router.routes[:0] = pages.routes()

    async def signed_in(self) -> httpx.AsyncClient:
        """Another browser in which the owner is signed in. The caller closes it."""
        browser = self.browser()
        answer = await browser.post("/api/v1/session", json=SECRETS)
        assert answer.status_code == 200, answer.text
        return browser


@asynccontextmanager
async def own_account(db: Database) -> AsyncIterator[tuple[OwnAccountPlace, httpx.AsyncClient]]:
    """The place, with one account, and a browser in which its owner is signed in."""
    place = OwnAccountPlace(db)
    async with place.browser() as client:
        home = {"lines": ["1, rue de l’Essai", "69001 Lyon"], "country": "FR"}
        await place.registered(client, address=home)
    browser = await place.signed_in()
    yield place, browser
    await browser.aclose()
    place.desk.accounts.hasher.close()
