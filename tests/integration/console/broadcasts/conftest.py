"""The desk of broadcasts beside the console, with three accounts, an agent and an approver."""

from collections.abc import AsyncIterator

import httpx
import msgspec
import pytest

from accounts.roles import Role
from config.assets import renderer
from console.broadcasts.api import BroadcastApi
from console.broadcasts.desk import BroadcastDesk
from console.broadcasts.pages import BroadcastPages
from server.problems import Problems
from tests.integration.console.conftest import ConsolePlace
from tests.support.candidates.representing import active, with_email
from tests.support.casework.messages import MAILBOX
from tests.support.desks import make_account


class BroadcastPlace(msgspec.Struct):
    """Three accounts: the first has a representative, the last no address."""

    place: ConsolePlace
    desk: BroadcastDesk
    agent: httpx.AsyncClient
    approver: httpx.AsyncClient


@pytest.fixture
async def envois(place: ConsolePlace) -> AsyncIterator[BroadcastPlace]:
    problems = Problems("http://guichet.test", renderer())
    desk = BroadcastDesk(place.console.staff, MAILBOX, place.desk.programmes)
    place.app.router.routes[:0] = [
        *BroadcastApi(desk).routes(),
        *BroadcastPages(desk, renderer(), problems.tell).routes(),
    ]
    for number in (1, 2, 3):
        await make_account(place.desk, number, draft=False)
    for number in (1, 2):
        await with_email(place.db, number, f"essai-{number:05d}", f"essai{number}@courriel.example")
    await active(place.db, 1)
    agent = await place.staff("lucie", Role.AGENT)
    approver = await place.staff("bruno", Role.APPROVER)
    yield BroadcastPlace(place, desk, agent, approver)
    await agent.aclose()
    await approver.aclose()
