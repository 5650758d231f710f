"""What the table of openings holds by itself."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from console.agents.store import file_opening
from foundation.sql.database import Database


async def test_an_opening_is_of_an_account_and_an_agent(database: Database) -> None:
    """Neither is made up: both are rows."""
    row = {
        "account": 999, "agent": 999, "purpose": "work", "method": "none", "result": "not_needed", "reason": "r",
        "opened_at": 1, "open_until": 2,
    }  # fmt: skip
    with pytest.raises(IntegrityError):
        await database.write(lambda conn: conn.execute(sa.insert(file_opening).values(row)))
