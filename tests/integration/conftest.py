"""For tests on real stores."""

from collections.abc import AsyncIterator, Iterator

import pytest

from accounts import staff
from foundation.sql.database import Database
from tests.support.desks import CHEAP


@pytest.fixture(scope="session", autouse=True)
def cheap_staff_hashes() -> Iterator[None]:
    """Hundreds of tests make an operator and sign in: at the real cost that alone is a minute. What a hash costs is
    tested where hashes are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(staff, "COST", CHEAP)
        yield


@pytest.fixture
async def on_sqlite(sqlite_url: str) -> AsyncIterator[Database]:
    """For what SQL has no part in: once is enough."""
    opened = Database(sqlite_url)
    yield opened
    await opened.close()
