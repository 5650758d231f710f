"""The table of events holds what the code says of it."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from casework.files.store import file_event
from foundation.sql.database import Database
from tests.support.tasks import submitted


async def test_a_key_is_there_once(database: Database) -> None:
    await submitted(database)
    row = {"submission": 1, "kind": "paid", "key": "1:paid", "at": 1, "actor": "service", "detail": "{}"}
    await database.write(lambda conn: conn.execute(sa.insert(file_event).values(row)))
    with pytest.raises(IntegrityError):
        await database.write(lambda conn: conn.execute(sa.insert(file_event).values(row)))
