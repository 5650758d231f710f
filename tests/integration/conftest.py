"""For tests on real stores."""

from collections.abc import AsyncIterator

import pytest

from foundation.sql.database import Database


@pytest.fixture
async def on_sqlite(sqlite_url: str) -> AsyncIterator[Database]:
    """For what SQL has no part in: once is enough."""
    opened = Database(sqlite_url)
    yield opened
    await opened.close()
