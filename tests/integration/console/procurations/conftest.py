"""The desk of procurations beside the console, with an account that has declared a representative."""

from collections.abc import AsyncIterator

import httpx
import msgspec
import pytest

from accounts.representatives.powers import Representation
from accounts.roles import Role
from config.assets import renderer
from console.procurations.api import ProcurationApi
from console.procurations.desk import ProcurationDesk
from console.procurations.pages import ProcurationPages
from server.problems import Problems
from tests.integration.console.conftest import ConsolePlace
from tests.support.candidates.representing import declared, with_email
from tests.support.desks import REPRESENTATIVES, make_account


class ProcurationPlace(msgspec.Struct):
    """A clerk, an agent, and a declaration whose paper is under way."""

    place: ConsolePlace
    desk: ProcurationDesk
    account: int
    made: Representation
    clerk: httpx.AsyncClient
    agent: httpx.AsyncClient


@pytest.fixture
async def mailroom(place: ConsolePlace) -> AsyncIterator[ProcurationPlace]:
    problems = Problems("http://guichet.test", renderer())
    desk = ProcurationDesk(place.console.staff, REPRESENTATIVES)
    place.app.router.routes[:0] = [
        *ProcurationApi(desk).routes(),
        *ProcurationPages(desk, renderer(), problems.tell).routes(),
    ]
    account = await make_account(place.desk, 7)
    await with_email(place.db, account, "essai-00007", "anne@exemple.ca")
    made = await declared(place.db, account)
    clerk, agent = await place.staff("claire", Role.CLERK), await place.staff("lucie", Role.AGENT)
    yield ProcurationPlace(place, desk, account, made, clerk, agent)
    await clerk.aclose()
    await agent.aclose()
