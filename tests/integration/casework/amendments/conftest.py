"""The pages of amendments beside those of the file, with a file that is paid and features that are on."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import msgspec
import pytest
import sqlalchemy as sa

from accounts.pages import SignInPages
from casework.amendments.amending import AmendmentTask
from casework.amendments.api import AmendmentApi
from casework.amendments.giving_up.api import GivingUpApi
from casework.amendments.giving_up.pages import GivingUpPages
from casework.amendments.pages import AmendmentPages
from casework.amendments.services import AmendmentServices, amendment_services
from casework.files.numbers import file_number
from casework.files.states import FileEventKind
from casework.pages import DESTINATIONS
from casework.switches.states import SwitchName
from config.assets import renderer
from foundation import outbox
from foundation.sql.database import Database
from server.problems import Problems
from tests.support.candidates.files import FilePlace, file_place
from tests.support.casework.file_events import happened
from tests.support.casework.supplements import ask
from tests.support.casework.switching import switched_on
from tests.support.desks import today
from tests.support.rooms import KEYS
from tests.support.tasks import EFFECTS


class AmendedPlace(msgspec.Struct):
    """A paid file of anne's, and her browser."""

    place: FilePlace
    services: AmendmentServices
    browser: httpx.AsyncClient
    owner: int
    switches: dict[SwitchName, int]

    @property
    def db(self) -> Database:
        return self.place.db

    @property
    def here(self) -> str:
        return f"/dossiers/{file_number(1)}/modifications"

    async def work(self) -> None:
        """Every document that is due, filed as a worker does it."""
        t = outbox.task.c
        rows = await self.db.read(
            lambda conn: conn.execute(sa.select(t.id, t.attempt).where(t.kind == AmendmentTask.DOCUMENT))
        )
        for row in rows:
            await outbox.perform(self.db, EFFECTS, row.id, row.attempt)


@pytest.fixture
async def amended(database: Database) -> AsyncIterator[AmendedPlace]:
    async with file_place(database) as place:
        services = amendment_services(place.desk.programmes, place.desk.forms, KEYS)
        problems = Problems("http://guichet.test", renderer())
        sign_in = SignInPages(place.desk.accounts, renderer(), problems.tell, DESTINATIONS)
        place.app.router.routes[:0] = [
            *AmendmentPages(services, sign_in, renderer()).routes(),
            *GivingUpPages(services, sign_in, renderer()).routes(),
            *AmendmentApi(place.desk.accounts, services).routes(),
            *GivingUpApi(place.desk.accounts, services).routes(),
        ]
        browser, _ = await place.submitted()
        switches = {name: await switched_on(database, name) for name in SwitchName}
        await happened(database, 1, FileEventKind.PAID)
        yield AmendedPlace(place, services, browser, 1, switches)
        await browser.aclose()


def changed_on() -> str:
    """A day that is told in time."""
    return (today() - timedelta(days=10)).isoformat()


def moved(key: str = "a1b2c3d4e5f6", version: int = 0, **other: str) -> dict[str, Any]:
    """The form of a change of address, filled in; `__` stands for the dot of a path."""
    return {
        "key": key, "version": str(version), "programme": "demo", "form_version": "1", "on_day": changed_on(),
        "contact.address": "4, quai Sud", "contact.city": "Lyon", "contact.country": "FR",
        "contact.telephone": "+33 4 72 00 00 00", "then": "send",
    } | {name.replace("__", "."): text for name, text in other.items()}  # fmt: skip


async def with_fee(amended: AmendedPlace) -> None:
    """An amendment of the file that costs something, whose fee is awaited."""
    sent = await amended.browser.post(f"{amended.here}/adresse", data=moved())
    assert sent.status_code == 303
    await amended.db.write(lambda conn: ask(conn, 1))
