"""What the table of switches holds to by itself."""

from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.switches.store import feature_switch
from foundation.sql.database import Database

ROW = {"programme": "demo", "name": "changement_adresse", "on_at": 2, "author": "agnes", "planned_at": 1}


@pytest.mark.parametrize(
    "values",
    [{"approver": "agnes", "approved_at": 1}, {"approver": "boris"}, {"approved_at": 1}],
    ids=["one-person", "no-instant", "nobody"],
)
async def test_an_approval_has_another_person_and_an_instant(
    on_sqlite: Database, values: dict[str, Any]
) -> None:
    """And one plan lives a programme and feature."""
    await on_sqlite.write(lambda conn: conn.execute(sa.insert(feature_switch).values(ROW)))
    for wrong in (ROW, ROW | {"name": "autre"} | values):
        one = sa.insert(feature_switch).values(wrong)
        with pytest.raises(IntegrityError):
            await on_sqlite.write(partial(sql, one))


async def sql(one: sa.Insert, conn: AsyncConnection) -> None:
    await conn.execute(one)
