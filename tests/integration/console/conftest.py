"""The console on real stores, for the tests of its API and of its pages."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest
import sqlalchemy as sa
from starlette.applications import Starlette

from accounts.invitations.pages import InvitationPages
from accounts.invitations.services import invitation_services
from accounts.registration.services import registration_services
from accounts.roles import Role
from accounts.staff import add_operator
from config.assets import renderer
from console import api, pages, steering
from console.access import pages as access_pages
from console.agents.api import AgentApi
from console.agents.claims_pages import ClaimPages
from console.agents.invitation_pages import AgentInvitationPages
from console.agents.pages import AgentPages
from console.agents.services import agent_services
from console.record import audit_pages
from console.staff import api as staff_api
from console.staff import pages as staff_pages
from console.staff.own_access import OwnAccessPages
from console.staff.own_access_api import OwnAccessApi
from evidence import figures
from foundation import audit
from foundation.clock import now_ms
from foundation.sql.database import Database
from quota.store import Period
from server.problems import Problems
from submission.exempt.services import exempt_services
from tests.support.desks import make_desk
from tests.support.rooms import KEYS, Hall, hall

SECRET = "le mot de passe du pupitre"

API = "/api/v1/operator"


class ConsolePlace:
    """The console on real stores; `operator` is a browser at the desk, `nobody` one that is not signed in."""

    def __init__(self, hall: Hall) -> None:
        self.db, self.hall = hall.db, hall
        self.desk = make_desk(hall.db)
        problems = Problems("http://guichet.test", renderer())
        room = hall.room
        both = self.console = steering.Console(
            self.desk.accounts, self.desk.programmes, room.periods, room.looks, room.stops
        )
        exempt = exempt_services(self.desk, KEYS)
        self.agents = agent_services(both.staff, exempt, "http://guichet.test")
        self.invitations = invitation_services(
            registration_services(self.desk.accounts, self.desk.programmes, KEYS, "http://guichet.test")
        )
        routes = [
            *api.routes(both),
            *pages.routes(both, renderer(), problems.tell),
            *staff_api.StaffApi(both.staff).routes(),
            *staff_pages.routes(both.staff, renderer(), problems.tell),
            *OwnAccessPages(both.staff, renderer(), problems.tell, "Guichet").routes(),
            *OwnAccessApi(both.staff, "Guichet").routes(),
            *access_pages.routes(both.staff, renderer(), problems.tell),
            *audit_pages.routes(both.staff, renderer()),
            *AgentPages(self.agents, renderer(), problems.tell).routes(),
            *ClaimPages(self.agents, renderer(), problems.tell).routes(),
            *AgentApi(self.agents).routes(),
            *AgentInvitationPages(self.agents, self.invitations, renderer(), problems.tell).routes(),
            *InvitationPages(self.invitations, renderer(), problems.tell).routes(),
            *problems.routes(),
        ]
        self.app = Starlette(routes=routes, exception_handlers=problems.handlers())
        self.nobody = self.browser()
        self.operator = self.browser()

    def browser(self) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=True)
        return httpx.AsyncClient(transport=transport, base_url="http://guichet.test")

    async def open(self) -> None:
        await self.db.write(lambda conn: add_operator(conn, "agnes", SECRET, now_ms()))
        answer = await self.operator.post(f"{API}/session", json={"username": "Agnes", "password": SECRET})
        assert answer.status_code == 200, answer.text
        assert answer.json()["username"] == "agnes"

    async def staff(self, name: str, *roles: Role) -> httpx.AsyncClient:
        """A browser at which a new member of staff is signed in, who holds these roles."""
        await self.db.write(lambda conn: add_operator(conn, name, SECRET, now_ms(), granted=roles))
        browser = self.browser()
        answer = await browser.post("/api/v1/staff/session", json={"username": name, "password": SECRET})
        assert answer.status_code == 200, answer.text
        return browser

    async def colleague(self) -> httpx.AsyncClient:
        """A browser at which another operator is signed in, boris."""
        await self.db.write(lambda conn: add_operator(conn, "boris", SECRET, now_ms()))
        browser = self.browser()
        answer = await browser.post(f"{API}/session", json={"username": "boris", "password": SECRET})
        assert answer.status_code == 200, answer.text
        return browser

    async def audit(self) -> list[tuple[str, str, dict[str, Any]]]:
        a = audit.audit
        lines = await self.db.read(lambda conn: conn.execute(sa.select(a).order_by(a.c.id)))
        return [(line.actor, line.act, msgspec.json.decode(line.detail)) for line in lines]

    async def figures(self, period: Period, first: int, count: int) -> None:
        rows = [
            {"period": period.uid, "at": first + 2_000 * n, "waiting": n, "parked": 1, "live_tokens": 2,
             "accepted": 3, "lapsed": 4, "joined": 5}
            for n in range(count)
        ]  # fmt: skip
        await self.db.write(lambda conn: conn.execute(sa.insert(figures.figure), rows))


@pytest.fixture
async def place(database: Database, redis_url: str) -> AsyncIterator[ConsolePlace]:
    async with hall(database, redis_url) as room:
        place = ConsolePlace(room)
        await place.open()
        yield place
        await place.console.kill_switch.settled()
        await place.operator.aclose()
        await place.nobody.aclose()
        place.desk.accounts.hasher.close()
