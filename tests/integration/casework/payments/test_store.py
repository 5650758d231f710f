"""The table of movements holds what the code says of it."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from casework.payments.store import movement
from foundation.sql.database import Database
from tests.support.tasks import submitted


async def test_there_is_no_movement_of_nothing(database: Database) -> None:
    await submitted(database)
    row = {
        "submission": 1, "kind": "in", "instrument": "card", "on_day": "2016-07-14", "key": "k", "at": 1, "actor": "x",
    }  # fmt: skip
    for wrong in ({"cents": 0}, {"cents": 5, "kind": "lost"}):
        written = sa.insert(movement).values(row | wrong)
        with pytest.raises(IntegrityError):
            await database.write(lambda conn, written=written: conn.execute(written))  # type: ignore[misc]
