"""What a process knows of the periods' rows."""

import asyncio
from typing import Any

import pytest

from foundation.clock import now_ms
from foundation.errors import Refusal
from foundation.sql.database import Database
from quota import ledger
from tests.support.rooms import HOUR_MS, hall, make_period, set_period


async def test_rows_that_take_long_hold_up_one_look(on_sqlite: Database, redis_url: str) -> None:
    """One read of the periods' rows hangs in SQL: whoever comes meanwhile is shown what is known."""
    await make_period(on_sqlite)
    async with hall(on_sqlite, redis_url) as h:
        await h.period()
        hangs = asyncio.Event()

        class Hanging(Database):
            async def read(self, work: Any) -> Any:
                await hangs.wait()
                return await super().read(work)

        slow = Hanging(on_sqlite.url.render_as_string())
        h.on(slow)
        first = asyncio.create_task(h.room.periods.refresh())
        await asyncio.sleep(0)
        h.room.periods._refreshed_at = 0.0
        async with asyncio.timeout(1):
            assert [period.id for period in await h.room.periods.public()] == ["essai"]
        hangs.set()
        await first
        await slow.close()


async def test_a_period_is_found_as_soon_as_it_is_announced(database: Database, redis_url: str) -> None:
    """By every process, also by one that has read the rows a moment before."""
    period = await make_period(database, state="draft", opens_at=now_ms() + HOUR_MS)
    async with hall(database, redis_url) as h:
        assert await h.room.periods.public() == []
        with pytest.raises(Refusal):
            await h.room.periods.find("essai")
        await set_period(database, period, state="announced")
        assert (await h.room.periods.find("essai")).state == "announced"


async def test_periods_stand_in_the_order_in_which_they_open(database: Database, redis_url: str) -> None:
    """On the first page and in the call's answer, whichever was written first or last changed; then by name."""
    now = now_ms()
    for ordinal, (id, hours) in enumerate([("c", 3), ("a", 1), ("d", 3), ("b", 2)], 1):
        await make_period(database, id=id, ordinal=ordinal, state="announced", opens_at=now + hours * HOUR_MS)
    await set_period(database, await database.read(lambda conn: ledger.period_by_id(conn, "a")), cap=51)
    async with hall(database, redis_url) as h:
        assert [period.id for period in await h.room.periods.public()] == ["a", "b", "c", "d"]
