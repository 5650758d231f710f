"""The desk of reviews on real stores, with an agent at it."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from accounts.roles import Role
from accounts.staff import add_operator
from config.assets import renderer
from console.reviews.api import ReviewApi
from console.reviews.desk import ReviewDesk
from console.reviews.pages import ReviewPages
from console.staff import api as staff_api
from console.staff.desk import StaffDesk
from foundation.clock import now_ms
from foundation.sql.database import Database
from server.problems import Problems
from tests.support.candidates.alike import ciphers_of
from tests.support.desks import make_desk

SECRET = "le mot de passe du pupitre"


class ReviewPlace:
    """The queue's pages and API; `browser` signs a member of staff in."""

    def __init__(self, db: Database) -> None:
        self.db, self.desk = db, make_desk(db)
        staff = StaffDesk(self.desk.accounts)
        self.reviews = ReviewDesk(staff, ciphers_of(self.desk))
        problems = Problems("http://guichet.test", renderer())
        routes = [
            *ReviewApi(self.reviews).routes(),
            *ReviewPages(self.reviews, renderer(), problems.tell).routes(),
            *staff_api.StaffApi(staff).routes(),
            *problems.routes(),
        ]
        self.app = Starlette(routes=routes, exception_handlers=problems.handlers())

    def nobody(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://guichet.test")

    async def staff(self, name: str, *roles: Role) -> httpx.AsyncClient:
        await self.db.write(lambda conn: add_operator(conn, name, SECRET, now_ms(), granted=roles))
        browser = self.nobody()
        typed: dict[str, Any] = {"username": name, "password": SECRET}
        assert (await browser.post("/api/v1/staff/session", json=typed)).status_code == 200
        return browser


@pytest.fixture
async def reviews(database: Database) -> AsyncIterator[ReviewPlace]:
    place = ReviewPlace(database)
    yield place
    place.desk.accounts.hasher.close()
