"""The schedule opens and closes, on both stores, however late it is."""

import asyncio

import pytest

from foundation.sql.database import Database
from quota.moves import operating, preparing, schedule
from tests.integration.quota.moves.steps import CLOSES, DEMO, EARLY, OPENS, audited, draft, opened, retyped


async def test_the_schedule_opens_at_the_instant(database: Database) -> None:
    """Nothing opens a millisecond early; at the instant it does, once, whoever else ticks (WR-02, P10)."""
    period = await draft(database)
    await database.write(lambda conn: preparing.announce(conn, period.uid, DEMO, "agnes", EARLY))
    await database.write(lambda conn: operating.arm(conn, period.uid, retyped(period), "boris", EARLY))
    assert await schedule.open_due(database, OPENS - 1) == []
    tickers = await asyncio.gather(*(schedule.open_due(database, OPENS) for _ in range(4)))
    assert sum(len(moved) for moved in tickers) == 1
    assert [action for _, action, _ in await audited(database)].count("open") == 1


@pytest.mark.parametrize("step", [operating.pause, operating.suspend])
async def test_a_pause_across_the_end(database: Database, step: type(operating.pause)) -> None:  # type: ignore[valid-type]
    """A paused or suspended period closes at its end too. That clears a pause; a suspension only an operator lifts, who
    then lets live tokens finish."""
    period = await opened(database)
    await database.write(lambda conn: step(conn, period.uid, "boris", CLOSES - 1))
    assert await schedule.open_due(database, CLOSES - 1) == []
    (closed,) = await schedule.open_due(database, CLOSES)
    suspended = step is operating.suspend
    assert (closed.state, closed.paused, closed.suspended) == ("closed", False, suspended)
    assert closed.paused_at == (CLOSES - 1 if suspended else None)
    assert (await audited(database))[-1] == ("service", "close", period.uid)
    if suspended:
        resumed = await database.write(lambda conn: operating.resume(conn, period.uid, "boris", CLOSES + 5))
        assert (resumed.state, resumed.suspended, resumed.ended_at) == ("closed", False, CLOSES)
        assert resumed.notice is not None


async def test_a_ticker_that_slept_through_it(database: Database) -> None:
    """An armed period whose whole window passed without a tick is opened and closed, both on the record."""
    period = await draft(database)
    await database.write(lambda conn: preparing.announce(conn, period.uid, DEMO, "agnes", EARLY))
    await database.write(lambda conn: operating.arm(conn, period.uid, retyped(period), "boris", EARLY))
    (closed,) = await schedule.open_due(database, CLOSES + 1)
    assert closed.state == "closed"
    assert [action for _, action, _ in await audited(database)][-2:] == ["open", "close"]
