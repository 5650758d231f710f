"""A period's row as a value, and the checks of the table itself."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.sql.database import Database
from quota import ledger, store
from quota.states import Mode, PeriodState
from quota.store import period_of
from tests.support.processes.statements import heard
from tests.support.rooms import make_period


async def test_a_row_is_a_value_with_its_states(database: Database) -> None:
    """The column is text, the value an enumeration."""
    made = await make_period(database)
    row = await database.read(lambda conn: conn.execute(sa.select(store.period)))
    period = period_of(row.one())
    assert period.uid == made.uid
    assert (period.state, period.mode) == (PeriodState.OPEN, Mode.FIFO)
    assert period.live_tokens == period.held - period.accepted


@pytest.mark.parametrize(
    "wrong",
    [{"held": -1}, {"accepted": 1}, {"held": 10**6}],
    ids=["below zero", "taken unheld", "over the cap"],
)
async def test_the_table_itself_refuses_wrong_places(database: Database, wrong: dict[str, int]) -> None:
    """`accepted <= held <= cap`, whatever the code thinks (P2, P6)."""
    await make_period(database)
    with pytest.raises(IntegrityError):
        await database.write(lambda conn: conn.execute(sa.update(store.period).values(wrong)))


async def test_tokens_that_end_are_found_by_their_deadline(on_sqlite: Database) -> None:
    """What a tick reads does not grow with those who still have time; the index is of no use for anything else."""
    period, asked = await make_period(on_sqlite), list[str]()
    with heard(asked.append):
        assert await on_sqlite.write(lambda conn: ledger.lapse(conn, period)) == []
    update = next(one for one in asked if one.startswith("UPDATE token"))

    async def plan(conn: AsyncConnection) -> list[str]:
        written_out = sa.text("explain query plan " + update.replace("?", "0"))
        return [str(row.detail) for row in await conn.execute(written_out)]

    assert await on_sqlite.read(plan) == ["SEARCH token USING INDEX ix_token_live_ends (period=? AND ends<?)"]
