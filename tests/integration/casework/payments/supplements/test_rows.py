"""Supplements as rows: one is awaited at a time, and its last day only ever goes up."""

import pytest
import sqlalchemy as sa

from casework.payments.supplements import rows
from casework.payments.supplements.rows import SupplementState
from foundation.clock import now_ms
from foundation.sql.database import Database
from tests.support.casework.supplements import A_CHILD, EXTRA, ask, asked, supplements_of


async def test_what_was_fixed_is_read_again(database: Database) -> None:
    one = await asked(database)
    assert await supplements_of(database) == [one]
    assert (one.cents, one.state, one.fee) == (EXTRA, SupplementState.AWAITED, A_CHILD)
    assert rows.awaited_of([one]) == one


async def test_only_one_is_awaited(database: Database) -> None:
    one = await asked(database)
    with pytest.raises(sa.exc.IntegrityError):
        await database.write(lambda conn: ask(conn, 2))
    await database.write(lambda conn: rows.mark(conn, one, lapsed_at=now_ms()))
    await database.write(lambda conn: ask(conn, 2))
    assert [found.state for found in await supplements_of(database)] == [
        SupplementState.LAPSED,
        SupplementState.AWAITED,
    ]


async def test_a_last_day_never_moves_back(database: Database) -> None:
    one = await asked(database)
    for move in (1_000, -5_000):
        await database.write(lambda conn, move=move: rows.move_last_day(conn, 1, 1, one.pay_by + move))  # type: ignore[misc]
    assert [found.pay_by for found in await supplements_of(database)] == [one.pay_by + 1_000]
