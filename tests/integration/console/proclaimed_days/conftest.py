"""The desk of proclaimed days beside the console: an operator, an approver, and two files that wait for a payment."""

from collections.abc import AsyncIterator
from datetime import date

import httpx
import msgspec
import pytest

from accounts.roles import Role
from config.assets import renderer
from config.wiring.deadlines import deadline_services
from config.wiring.proclaimed_days import proclaimed_day_routes
from foundation.calendar.days import day_of
from foundation.sql.database import Database
from server.problems import Problems
from submission.store import submission
from tests.integration.console.conftest import ConsolePlace
from tests.support.rooms import KEYS
from tests.support.tasks import KNOWN, rows, submitted


class DayPlace(msgspec.Struct):
    """The console with this desk; `day` is the last day to pay of both files."""

    place: ConsolePlace
    approver: httpx.AsyncClient
    day: date

    @property
    def db(self) -> Database:
        return self.place.db


@pytest.fixture
async def days(place: ConsolePlace) -> AsyncIterator[DayPlace]:
    problems = Problems("http://guichet.test", renderer())
    services = deadline_services(KNOWN, KEYS, "http://guichet.test")
    place.app.router.routes[:0] = proclaimed_day_routes(
        place.console.staff, renderer(), problems.tell, services
    )
    await submitted(place.db, 2)
    ((pay_by,), _) = await rows(place.db, submission.c.pay_by)
    approver = await place.staff("alain", Role.APPROVER)
    yield DayPlace(place, approver, day_of(pay_by))
    await approver.aclose()
