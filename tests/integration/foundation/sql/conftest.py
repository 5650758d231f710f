"""A SQLite database of one's own, opened and closed."""

from collections.abc import AsyncIterator

import pytest

from foundation.sql.database import Database


@pytest.fixture
async def db(sqlite_url: str) -> AsyncIterator[Database]:
    opened = Database(sqlite_url)
    yield opened
    await opened.close()
