"""The agents' desk of amendments beside the console, with a paid file that was amended."""

from collections.abc import AsyncIterator

import httpx
import msgspec
import pytest

from accounts.roles import Role
from casework.amendments import amending
from casework.amendments.amending import SentAmendment
from casework.amendments.services import AmendmentServices, amendment_services
from casework.files.numbers import file_number
from casework.files.states import FileEventKind
from casework.switches.states import SwitchName
from config.assets import renderer
from console.amendments.api import StaffAmendmentApi
from console.amendments.desk import AmendmentDesk
from console.amendments.pages import StaffAmendmentPages
from foundation.audit import Actor
from foundation.clock import now_ms
from server.problems import Problems
from submission.forms.fields import PostedLists
from submission.forms.model import AmendmentKind
from tests.integration.console.conftest import ConsolePlace
from tests.support.casework.file_events import happened
from tests.support.casework.messages import MAILBOX
from tests.support.casework.switching import switched_on
from tests.support.rooms import KEYS
from tests.support.tasks import submitted

NUMBER = file_number(1)


class AmendedDesk(msgspec.Struct):
    """An agent, and the file of essai-00001 with one amendment that came late."""

    place: ConsolePlace
    services: AmendmentServices
    agent: httpx.AsyncClient


@pytest.fixture
async def amended_desk(place: ConsolePlace) -> AsyncIterator[AmendedDesk]:
    db, problems = place.db, Problems("http://guichet.test", renderer())
    services = amendment_services(place.desk.programmes, place.desk.forms, KEYS)
    desk = AmendmentDesk(place.console.staff, services, MAILBOX)
    place.app.router.routes[:0] = [
        *StaffAmendmentApi(desk).routes(), *StaffAmendmentPages(desk, renderer(), problems.tell).routes()
    ]  # fmt: skip
    await submitted(db)
    await happened(db, 1, FileEventKind.PAID)
    await switched_on(db, SwitchName.ADDRESS_CHANGE)
    typed = {
        "on_day": "2026-01-10", "contact.address": "4, quai Sud", "contact.city": "Lyon", "contact.country": "FR",
        "contact.telephone": "",
    }  # fmt: skip
    sent = SentAmendment(
        kind=AmendmentKind.ADDRESS, version=0, key="a1b2c3d4e5f6",
        posted=PostedLists({name: [text] for name, text in typed.items()}),
    )  # fmt: skip
    by = Actor("essai-00001", "candidate")
    await db.write(lambda conn: amending.amend(conn, services, 1, by, 1, sent, now_ms()))
    agent = await place.staff("lucie", Role.AGENT)
    yield AmendedDesk(place, services, agent)
    await agent.aclose()
