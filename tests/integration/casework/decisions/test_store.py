"""The table of decisions holds what takes two people."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from casework.decisions.store import decision
from foundation.sql.database import Database
from tests.support.tasks import submitted

ROW = {
    "submission": 1, "serial": 1, "outcome": "refused", "reason": "x", "second_needed": True, "answers": "a",
    "rules": "r", "proposed_by": "agente", "proposed_at": 1,
}  # fmt: skip


async def test_the_store_itself_refuses_one_person_and_two_open_proposals(database: Database) -> None:
    await submitted(database)
    made = {"settled_by": "agente", "settled_at": 2, "on_day": "2026-06-13"}
    with pytest.raises(IntegrityError):
        await database.write(lambda conn: conn.execute(sa.insert(decision).values(ROW | made)))
    await database.write(lambda conn: conn.execute(sa.insert(decision).values(ROW)))
    with pytest.raises(IntegrityError):
        await database.write(lambda conn: conn.execute(sa.insert(decision).values(ROW | {"serial": 2})))
