"""A desk on each store, with an account of its own that has an address."""

from collections.abc import AsyncIterator

import msgspec
import pytest

from foundation.sql.database import Database
from tests.support.candidates.representing import with_email
from tests.support.desks import Desk, make_account, make_desk


class Represented(msgspec.Struct):
    """A database, its desk, and the account of a candidate."""

    db: Database
    desk: Desk
    account: int


@pytest.fixture
async def here(database: Database) -> AsyncIterator[Represented]:
    desk = make_desk(database)
    account = await make_account(desk, 1)
    await with_email(database, account, "essai-00001", "anne@exemple.ca")
    yield Represented(database, desk, account)
    desk.accounts.hasher.close()
