"""The tables of lists hold what the code says of them."""

from functools import partial

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.checklists.store import checklist_item
from foundation.sql.database import Database
from tests.support.casework.lists import listed


async def test_a_number_and_a_key_are_there_once_a_list(on_sqlite: Database) -> None:
    await listed(on_sqlite)
    first = sa.select(checklist_item).limit(1)
    row = (await on_sqlite.read(lambda conn: conn.execute(first))).mappings().one()
    for change in ({"key": "x"}, {"number": 99}):
        twice = {name: value for name, value in row.items() if name != "id"} | change
        with pytest.raises(IntegrityError):
            await on_sqlite.write(partial(_write, twice))


async def _write(values: dict[str, object], conn: AsyncConnection) -> None:
    await conn.execute(sa.insert(checklist_item).values(values))
