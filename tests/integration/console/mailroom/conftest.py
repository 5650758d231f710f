"""The desk of the mailroom beside the console, with two files and a clerk."""

from collections.abc import AsyncIterator

import httpx
import msgspec
import pytest
import sqlalchemy as sa

from accounts.roles import Role
from config.assets import renderer
from console.mailroom.api import MailroomApi
from console.mailroom.daily_pages import DailyMailPages
from console.mailroom.desk import MailroomDesk
from console.mailroom.item_pages import MailItemPages
from console.mailroom.pages import MailroomPages
from console.mailroom.return_pages import MailReturnPages
from foundation import audit
from server.problems import Problems
from tests.integration.console.conftest import ConsolePlace
from tests.support.casework.mail import SERVICES
from tests.support.tasks import submitted

ONE_STORE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what SQL has no part in."""


class MailroomPlace(msgspec.Struct):
    """The desk, a clerk, and another one."""

    place: ConsolePlace
    desk: MailroomDesk
    clerk: httpx.AsyncClient
    other: httpx.AsyncClient

    async def acts(self, act: str) -> list[tuple[str, str | None]]:
        """Who is on the record with this act, and about what."""
        a = audit.audit.c
        rows = await self.place.db.read(
            lambda conn: conn.execute(
                sa.select(a.actor, a.subject_kind, a.subject_id).where(a.act == act).order_by(a.id)
            )
        )
        return [
            (row.actor, None if row.subject_kind is None else f"{row.subject_kind}:{row.subject_id}")
            for row in rows
        ]


@pytest.fixture
async def mail(place: ConsolePlace) -> AsyncIterator[MailroomPlace]:
    problems, desk = Problems("http://guichet.test", renderer()), MailroomDesk(place.console.staff, SERVICES)
    place.app.router.routes[:0] = [
        *MailroomApi(desk).routes(),
        *MailroomPages(desk, renderer(), problems.tell).routes(),
        *MailItemPages(desk, renderer(), problems.tell).routes(),
        *MailReturnPages(desk, renderer(), problems.tell).routes(),
        *DailyMailPages(desk, renderer()).routes(),
    ]
    await submitted(place.db, 2)
    clerk, other = await place.staff("claire", Role.CLERK), await place.staff("paul", Role.CLERK)
    yield MailroomPlace(place, desk, clerk, other)
    await clerk.aclose()
    await other.aclose()
