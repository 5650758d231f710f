"""The pages and calls of a candidate's representative on a real store; browsers are httpx clients."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from starlette.applications import Starlette

from accounts.pages import SignInPages
from accounts.representatives.account import AccountRepresentatives
from accounts.representatives.api import RepresentativeApi
from accounts.representatives.pages import RepresentativePages
from casework.pages import DESTINATIONS
from config.assets import STATIC, renderer
from foundation.sql.database import Database
from server.fast_path import framework_routes
from server.problems import Problems
from tests.support.candidates.representing import with_email
from tests.support.desks import REPRESENTATIVES, Desk, make_account, make_desk, sign_in
from tests.support.tasks import KNOWN


class RepresentedPlace:
    """The pages with one account, whose browser is signed in."""

    def __init__(self, desk: Desk) -> None:
        self.db, self.desk = desk.accounts.db, desk
        problems = Problems("http://guichet.test", renderer())
        sign_in_pages = SignInPages(desk.accounts, renderer(), problems.tell, DESTINATIONS)
        own = AccountRepresentatives(self.db, REPRESENTATIVES)
        routes = [
            *framework_routes(sign_in_pages.fast_routes()),
            *sign_in_pages.routes(),
            *RepresentativePages(sign_in_pages, own, renderer(), problems.tell, STATIC, KNOWN).routes(),
            *RepresentativeApi(desk.accounts, own).routes(),
            *problems.routes(),
        ]
        self.app = Starlette(routes=routes, exception_handlers=problems.handlers())

    def browser(self) -> httpx.AsyncClient:
        """One that is not signed in."""
        transport = httpx.ASGITransport(self.app)
        return httpx.AsyncClient(transport=transport, base_url="http://guichet.test")

    async def person(self, number: int = 1, email: str = "anne@exemple.ca") -> tuple[int, httpx.AsyncClient]:
        """A new account, and a browser that is signed in to it."""
        account = await make_account(self.desk, number)
        await with_email(self.db, account, f"essai-{number:05d}", email)
        browser = self.browser()
        browser.cookies.set("session", (await sign_in(self.desk, None, number)).secret)
        return account, browser


@asynccontextmanager
async def represented_place(db: Database) -> AsyncIterator[RepresentedPlace]:
    """The pages for as long as this lasts."""
    made = RepresentedPlace(make_desk(db))
    yield made
    made.desk.accounts.hasher.close()
