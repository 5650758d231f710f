"""The desk of card payments beside the console: an agent, an auditor, and a file whose fee is paid by card."""

from collections.abc import AsyncIterator
from contextlib import aclosing

import httpx
import msgspec
import pytest

from accounts.roles import Role
from casework.files.numbers import file_number
from casework.payments.card import asking, opening
from config.assets import renderer
from config.wiring.card import staff_routes
from foundation.sql.database import Database
from server.problems import Problems
from tests.integration.console.conftest import ConsolePlace
from tests.support.candidates.paying import PAYMENTS
from tests.support.processes.card_providers import CardHere, card_here
from tests.support.tasks import submitted


class CardPlace(msgspec.Struct):
    """Who is at the desk, the provider, and the number of the file."""

    place: ConsolePlace
    card: CardHere
    agent: httpx.AsyncClient
    auditor: httpx.AsyncClient
    number: str


@pytest.fixture
async def desk(place: ConsolePlace, database: Database) -> AsyncIterator[CardPlace]:
    problems = Problems("http://guichet.test", renderer())
    place.app.router.routes[:0] = staff_routes(place.console.staff, PAYMENTS, renderer(), problems.tell)
    await submitted(database)
    agent, auditor = await place.staff("adele", Role.AGENT), await place.staff("vera", Role.AUDITOR)
    async with card_here() as card, aclosing(agent), aclosing(auditor):
        charge, _new = await opening.open_charge(database, card.services, 1, "anne")
        await card.pay(charge)
        await asking.ask_and_hear(database, card.services, charge)
        yield CardPlace(place, card, agent, auditor, file_number(1))
