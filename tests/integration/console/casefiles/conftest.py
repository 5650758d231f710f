"""The desk of files beside the console, with two files, two agents and an approver."""

import httpx
import msgspec
import pytest

from accounts.roles import Role
from casework.files.states import FileEventKind
from config.assets import renderer
from console.casefiles.api import CasefileApi
from console.casefiles.desk import CasefileDesk
from console.casefiles.pages import CasefilePages
from server.problems import Problems
from tests.integration.console.conftest import ConsolePlace
from tests.support.casework.file_events import happened
from tests.support.casework.lists import DECISIONS
from tests.support.tasks import submitted

NUMBER = "D-0000001-95"

API = f"/api/v1/files/{NUMBER}"

PAGE = f"/agent/etude/{NUMBER}"


class CasefilePlace(msgspec.Struct):
    """The desk, and who sits at it."""

    place: ConsolePlace
    desk: CasefileDesk
    agent: httpx.AsyncClient
    other: httpx.AsyncClient
    approver: httpx.AsyncClient

    async def version(self) -> str:
        """The version of the file as it is now."""
        return str((await self.agent.get(API)).json()["version"])

    async def sent(self) -> None:
        """Send the list of the file."""
        seen = (await self.agent.get(f"{API}/checklist")).json()
        answer = await self.agent.post(f"{API}/checklist", json={"digest": seen["digest"]})
        assert answer.status_code == 201, answer.text

    async def item(self, number: int, act: str, **values: str) -> httpx.Response:
        """One act about a document, over the API."""
        return await self.agent.post(f"{API}/items/{number}", json={"act": act, **values})

    async def examined(self) -> None:
        """Everything of the list is settled."""
        await self.sent()
        for number in (1, 2, 3, 4):
            assert (await self.item(number, "waive", reason="Inutile.")).status_code == 200


@pytest.fixture
async def files(place: ConsolePlace) -> CasefilePlace:
    problems, desk = Problems("http://guichet.test", renderer()), CasefileDesk(place.console.staff, DECISIONS)
    place.app.router.routes[:0] = [
        *CasefileApi(desk).routes(),
        *CasefilePages(desk, renderer(), problems.tell).routes(),
    ]
    await submitted(place.db, 2)
    await happened(place.db, 1, FileEventKind.PAID)
    agent, other = await place.staff("alice", Role.AGENT), await place.staff("bruno", Role.AGENT)
    return CasefilePlace(place, desk, agent, other, await place.staff("carole", Role.APPROVER))
