"""A place where drafts are filled in, on each store."""

from collections.abc import AsyncIterator

import pytest

from foundation.sql.database import Database
from tests.support.candidates.drafting import DraftingPlace, drafting_place


@pytest.fixture
async def place(database: Database) -> AsyncIterator[DraftingPlace]:
    async with drafting_place(database) as made:
        yield made
