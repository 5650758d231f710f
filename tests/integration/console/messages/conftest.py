"""An agent at a file that is open, of an account with a submission and a document."""

from collections.abc import AsyncIterator

import httpx
import msgspec
import pytest

from casework import documents
from casework.documents import DocumentKind
from config.assets import renderer
from console.messages.pages import MessageWritingPages
from foundation.subjects import Subject
from server.problems import Problems
from tests.integration.console.agents.desk import WORK, agent, opened
from tests.integration.console.conftest import ConsolePlace
from tests.support.candidates.representing import with_email
from tests.support.casework.messages import MAILBOX, SAID
from tests.support.desks import make_account


class WritingPlace(msgspec.Struct):
    """The account is `essai-00001`, its document that of `document`."""

    place: ConsolePlace
    agent: httpx.AsyncClient
    document: str


@pytest.fixture
async def writing_place(place: ConsolePlace) -> AsyncIterator[WritingPlace]:
    problems = Problems("http://guichet.test", renderer())
    pages = MessageWritingPages(place.console.staff, MAILBOX, renderer(), problems.tell)
    place.app.router.routes[:0] = pages.routes()
    for number in (1, 2):
        await make_account(place.desk, number, draft=False)
    await with_email(place.db, 1, "essai-00001", "anne@courriel.example")
    claim, kind = Subject.row("claim", 1), DocumentKind.EXEMPT_DECISION
    document = await place.db.write(
        lambda conn: documents.file(conn, 1, claim, kind, "Lettre de décision", SAID, 1)
    )
    browser = await agent(place)
    await opened(browser, 1, **WORK)
    yield WritingPlace(place, browser, document)
    await browser.aclose()
