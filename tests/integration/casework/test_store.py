"""What the table of documents holds by itself."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from casework import store
from foundation.sql.database import Database
from tests.support.desks import make_account, make_desk


@pytest.mark.parametrize(
    ("changes", "is_refused"),
    [
        ({}, True),
        ({"account": None}, True),
        ({"serial": 2}, False),
        ({"kind": "lettre"}, False),
        ({"subject_id": "F-8"}, False),
        ({"subject_kind": "account"}, False),
    ],
)
async def test_a_serial_number_is_one_document(
    database: Database, changes: dict[str, Any], is_refused: bool
) -> None:
    """Of a kind and a subject; and no document is without an account (P14)."""
    desk = make_desk(database)
    row = {
        "id": "first", "account": await make_account(desk), "subject_kind": "file", "subject_id": "F-7",
        "kind": "confirmation", "serial": 1, "title": "Lettre", "blocks": "[]", "created_at": 0,
    }  # fmt: skip
    desk.accounts.hasher.close()
    await database.write(lambda conn: conn.execute(sa.insert(store.document).values(row)))
    second = row | {"id": "second"} | changes
    add = sa.insert(store.document).values(second)
    if is_refused:
        with pytest.raises(IntegrityError):
            await database.write(lambda conn: conn.execute(add))
    else:
        await database.write(lambda conn: conn.execute(add))
