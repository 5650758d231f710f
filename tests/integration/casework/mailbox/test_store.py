"""The tables of the mailbox hold what the code says of them."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from casework.mailbox.store import message
from foundation.sql.database import Database
from tests.support.tasks import submitted


async def test_a_key_is_there_once(database: Database) -> None:
    await submitted(database)
    row = {
        "id": "a", "account": 1, "subject_kind": "account", "subject_id": "1", "title": "t", "blocks": "", "key": "k",
        "author": "service", "at": 1,
    }  # fmt: skip
    await database.write(lambda conn: conn.execute(sa.insert(message).values(row)))
    with pytest.raises(IntegrityError):
        await database.write(lambda conn: conn.execute(sa.insert(message).values(row | {"id": "b"})))
