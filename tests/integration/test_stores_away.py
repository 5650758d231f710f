"""A store that is away or frozen holds up nothing that does not need it, and nobody is told what is not so."""

import asyncio
import secrets
import time

import pytest
import redis
import sqlalchemy as sa
import uvloop
from redis.asyncio import Redis

from config.processes.embedded import Valkey
from foundation.batching import WRITTEN_TURNS, Batcher
from foundation.clock import now_ms
from foundation.errors import Unavailable
from foundation.sql.database import Database
from quota import store
from tests.support.outages import call_only, frozen, told, took, turning, until, until_looked
from tests.support.rooms import RecordingWire, hall, make_period, set_period
from waitingroom.feed.watcher import Watcher


async def test_whoever_was_called_as_the_period_closed_is_told_so(database: Database, redis_url: str) -> None:
    """A look at the line from before the call, a row from after the close: SQL is asked before « drained » is said."""
    period = await make_period(database)
    async with hall(database, redis_url) as h:
        first, second = await h.join("a"), await h.join("b")
        feed = h.feed()
        await h.room.looks.look(await h.period())
        epoch = await h.room.epochs.current(period.uid)
        await call_only(database, period.uid, epoch, 1)
        await set_period(database, period, state="closed", ended_at=now_ms())
        one, other = (
            Watcher("essai", first.ticket, RecordingWire()),
            Watcher("essai", second.ticket, RecordingWire()),
        )
        feed.add(one)
        feed.add(other)
        await feed.turn()
        assert (one.state, one.closing) == ("called", None)
        assert (other.state, other.closing) == ("drained", 1000)
        mes = [await h.room.positions.me(await h.period(), joined.ticket) for joined in (first, second)]
        assert [me.state for me in mes] == ["called", "drained"]


async def test_a_silent_redis_holds_nobody_up_twice(on_sqlite: Database, valkey: Valkey) -> None:
    """Frozen, it costs the first who ask their patience; then polls are answered at once, and SQL's news still come."""
    await make_period(on_sqlite, calls_per_minute=1)
    async with hall(on_sqlite, valkey.url) as h:
        called, waiting = await h.join("a"), await h.join("b")
        await h.turn()
        feed, watcher = h.feed(), Watcher("essai", called.ticket, RecordingWire())
        feed.add(watcher)
        async with turning(feed):
            await until(lambda: told(watcher) == "called", 3)
            with frozen(valkey):
                await took(h.room.positions.me(await h.period(), waiting.ticket))
                for _ in range(3):
                    assert await took(h.room.positions.me(await h.period(), waiting.ticket)) < 1.5
                await on_sqlite.write(lambda conn: conn.execute(sa.update(store.token).values(account=7)))
                await until(lambda: told(watcher) == "redeemed", 2.5)
            await until_looked(h)


@pytest.mark.slow
async def test_without_that_memory_every_poll_waits(on_sqlite: Database, valkey: Valkey) -> None:
    """Twin: a line that forgets the silence at once asks again for each poll."""
    await make_period(on_sqlite)
    async with hall(on_sqlite, valkey.url) as h:
        joined = await h.join("a")
        await h.room.looks.look(await h.period())
        with frozen(valkey):
            for _ in range(2):
                h.room.line._away_until = None
                assert await took(h.room.positions.me(await h.period(), joined.ticket)) > 2


async def test_a_gathered_call_that_is_cut_off_leaves_nobody_waiting() -> None:
    """Whoever waited for it hears of it, and the next one goes out as ever."""

    async def send(items: list[int]) -> list[int]:
        if 0 in items:
            raise asyncio.CancelledError
        return items if 1 not in items else []

    gather = Batcher(send)
    async with asyncio.timeout(1):
        with pytest.raises(Unavailable):
            await gather(0)
        with pytest.raises(ValueError, match="shorter"):
            await gather(1)
        assert await gather(2) == 2


async def is_heard_first(redis_url: str, turns: int) -> bool:
    """Whether Redis hears the second call before anybody of the first one is told what it said."""
    mark = f"heard-{secrets.token_hex(8)}"
    asking = Redis.from_url(redis_url)
    looking = redis.Redis.from_url(redis_url)

    async def send(items: list[int]) -> list[int]:
        await asking.set(f"{mark}-{items[0]}", 1, ex=60)
        return items

    def heard(_: int | BaseException) -> None:
        """This holds the loop up: what is not on its way yet stays here."""
        deadline = time.monotonic() + 0.5
        while not (there := bool(looking.exists(f"{mark}-2"))) and time.monotonic() < deadline:
            pass
        found.append(there)

    found: list[bool] = []
    gather = Batcher(send, most=1, turns=turns)
    try:
        await gather(0)  # a connection stands
        gather.put(1, heard)
        async with asyncio.timeout(5):
            await gather(2)
            while not found:
                await asyncio.sleep(0)
        return found[0]
    finally:
        looking.close()
        await asking.aclose()


def test_the_next_call_is_on_its_way_before_anybody_is_told_of_the_last(redis_url: str) -> None:
    """So Redis works while this process tells them. With one turn fewer it would wait (twin)."""
    assert uvloop.run(is_heard_first(redis_url, WRITTEN_TURNS))
    assert not uvloop.run(is_heard_first(redis_url, WRITTEN_TURNS - 1))


async def test_whoever_was_called_while_redis_was_away_is_told_when_it_is_back(
    database: Database, redis_url: str
) -> None:
    """The call is committed, the line was not told; then a pause, or the end. Nobody is called in vain (P6)."""
    period = await make_period(database)
    async with hall(database, redis_url) as h:
        tickets = {number: (await h.join(f"v{number}")).ticket for number in (1, 2)}
        epoch = await h.room.epochs.current(period.uid)
        for number, state, paused in ((1, "open", True), (2, "closed", False)):
            await set_period(database, period, state="open", paused=False)
            await h.advance(1000)
            await call_only(database, period.uid, epoch, number)
            await h.absent(1, 2)
            await set_period(database, period, state=state, paused=paused)
            assert (await h.look()).place(number) == "waiting"
            await h.turn()
            assert (await h.look()).place(number) == "gone"
            assert (await h.room.positions.me(await h.period(), tickets[number])).state == "called"
