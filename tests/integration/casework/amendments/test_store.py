"""What the table of amendments holds to by itself."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.amendments.store import amendment
from foundation.sql.database import Database
from tests.support.tasks import submitted

ROW = {
    "submission": 1, "serial": 1, "kind": "address", "key": "one", "on_day": "2016-07-14", "last_day": "2016-08-15",
    "told_on": "2016-07-15", "author": "anne", "at": 1, "content": "x",
}  # fmt: skip


@pytest.mark.parametrize("other", [{"key": "two"}, {"serial": 2}], ids=["version", "form"])
async def test_a_version_and_a_form_are_one(on_sqlite: Database, other: dict[str, object]) -> None:
    """Two of one version are not, nor two of one form that was sent."""
    await submitted(on_sqlite)

    async def write(conn: AsyncConnection) -> None:
        await conn.execute(sa.insert(amendment).values(ROW))
        await conn.execute(sa.insert(amendment).values(ROW | other))

    with pytest.raises(IntegrityError):
        await on_sqlite.write(write)
