"""The desk of switches beside the console: agnes and boris steer, ines approves."""

from collections.abc import AsyncIterator

import httpx
import msgspec
import pytest

from accounts.roles import Role
from config.assets import renderer
from config.wiring.switches import switch_routes
from server.problems import Problems
from tests.integration.console.conftest import ConsolePlace


class SwitchPlace(msgspec.Struct):
    """Who is at the desk, and an approver."""

    place: ConsolePlace
    agnes: httpx.AsyncClient
    ines: httpx.AsyncClient


@pytest.fixture
async def switches(place: ConsolePlace) -> AsyncIterator[SwitchPlace]:
    problems = Problems("http://guichet.test", renderer())
    place.app.router.routes[:0] = switch_routes(
        place.console.staff, renderer(), problems.tell, place.desk.programmes
    )
    ines = await place.staff("ines", Role.APPROVER)
    yield SwitchPlace(place, place.operator, ines)
    await ines.aclose()
