"""Epochs: what is remembered for the next mark, and the hold."""

from foundation.sql.database import Database
from tests.support.rooms import hall, make_period, read_period


async def test_the_hold_waits_for_a_web_process(database: Database, redis_url: str) -> None:
    """All is restarted, the web processes last: 40 s without one are no time in which people could come back (P7)."""
    period = await make_period(database, calls_per_minute=1)
    async with hall(database, redis_url, hold_ms=35_000) as h:
        await h.join("a")
        second = await h.join("b")
        await h.redis.flushall()
        for served in (False, True):
            await h.turn(served)
            for _ in range(20):
                await h.redis.hincrby(f"wr1:{{{period.uid}}}:state", "ticked", -2000)
                await h.turn(served)
            if not served:
                await h.room.positions.me(await h.period(), second.ticket)
                assert (await h.turn()).called == []
        assert (await read_period(database, period)).held == 1


async def test_joins_that_gave_no_number_are_not_remembered(on_sqlite: Database, redis_url: str) -> None:
    """A browser that joins again and again gets its number again, and costs no memory; nor does a rush that is over."""
    period = await make_period(on_sqlite)
    async with hall(on_sqlite, redis_url) as h:
        for _ in range(20):
            await h.join("a")
        given = h.room.epochs._given[period.uid]
        assert len(given) == 1
        given[0] = (given[0][0] - 3, 1)
        h.room.epochs.gave(period.uid, 1)
        assert len(given) == 1
