"""Marks of the kill switch: obeyed everywhere while SQL is away, and recorded in SQL once it is back."""

import asyncio

import pytest
import sqlalchemy as sa

from accounts.staff import add_operator
from foundation import audit
from foundation.clock import now_ms
from foundation.errors import Refusal
from foundation.loops.ending import end
from foundation.sql.database import Database
from quota.moves import operating
from quota.states import PeriodState
from tests.support.rooms import hall, make_period, read_period
from waitingroom.line import stops
from waitingroom.line.stops import StopMark, StopMarks, carry_over, digest_of, new_mark


def mark_of(period: str = "essai", name: str = "agnes") -> StopMark:
    return new_mark(period, digest_of(name), "operator", now_ms())


async def acts(db: Database) -> list[tuple[str, str]]:
    a = audit.audit
    found = await db.read(lambda conn: conn.execute(sa.select(a.c.actor, a.c.act).order_by(a.c.id)))
    return [(row.actor, row.act) for row in found if row.act == "stop"]


async def test_a_mark_is_seen_by_every_process(database: Database, redis_url: str) -> None:
    """One process leaves it, another one reads it; both know the period by its name, and no other."""
    async with hall(database, redis_url) as h:
        mine, other = h.room.stops, StopMarks(h.room.line)
        mark = mark_of()
        await mine.write(mark)
        assert mine.stands("essai")
        assert not other.stands("essai")
        assert await other.stands_now("essai")
        assert not other.stands("autre")
        await mine.erase(mark)
        assert not await other.stands_now("essai")


async def test_nobody_is_called_under_a_mark(database: Database, redis_url: str) -> None:
    """Although SQL says that the period is open and somebody waits; without the mark they are called."""
    await make_period(database)
    async with hall(database, redis_url) as h:
        await h.join("a")
        mark = mark_of()
        await h.room.stops.write(mark)
        assert (await h.turn()).called == []
        await h.room.stops.erase(mark)
        await h.advance(1_000)
        assert (await h.turn()).called == [1]


async def test_a_mark_becomes_a_stop_in_sql_once(database: Database, redis_url: str) -> None:
    """Under the name of whoever pressed, and not again after the period was resumed, even if the mark stands still."""
    period = await make_period(database)
    await database.write(lambda conn: add_operator(conn, "agnes", "le mot de passe", now_ms()))
    async with hall(database, redis_url) as h:
        mark = mark_of()
        await h.room.stops.write(mark)
        await carry_over(database, h.room.stops)
        assert (await read_period(database, period)).suspended
        assert await acts(database) == [("agnes", "stop")]
        assert await h.room.stops.refresh() == []
        await database.write(lambda conn: operating.resume(conn, period.uid, "agnes", now_ms()))
        await h.room.stops.write(mark)
        await carry_over(database, h.room.stops)
        assert not (await read_period(database, period)).suspended
        assert await acts(database) == [("agnes", "stop")]


async def test_a_late_mark_of_nobody_is_carried_over_too(database: Database, redis_url: str) -> None:
    """It was obeyed already; the record says that nobody of this name is an operator. One of no period is dropped."""
    period = await make_period(database, state=PeriodState.ARMED, opens_at=now_ms() + 3_600_000)
    async with hall(database, redis_url) as h:
        await h.room.stops.write(mark_of(name="personne"))
        await h.room.stops.write(mark_of("disparue"))
        await h.redis.hset("wr1:{stops}", "broken", b"{")
        await carry_over(database, h.room.stops)
        assert (await read_period(database, period)).state == PeriodState.ANNOUNCED
        assert await acts(database) == [("unknown", "stop")]
        assert await h.room.stops.refresh() == []
        with pytest.raises(Refusal, match="not_allowed"):
            await database.write(lambda conn: stops.record(conn, mark_of(name="personne"), now_ms()))


async def test_a_process_reads_the_marks_by_itself(database: Database, redis_url: str) -> None:
    """Within a second of the mark."""
    async with hall(database, redis_url) as h:
        watching = StopMarks(h.room.line)
        task = asyncio.create_task(watching.run())
        await h.room.stops.write(mark_of())
        async with asyncio.timeout(1):
            while not watching.stands("essai"):
                await asyncio.sleep(0.02)
        await end(task)
