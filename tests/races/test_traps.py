"""The interleavings that break a naive service, each as it was found (architecture, "Losing Redis").

Time stands still here unless a test moves it; a frozen process is one that is simply not stepped.
"""

import asyncio
import time

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.clock import now_ms
from foundation.errors import Refusal, Stale
from foundation.heartbeat import Heartbeat
from foundation.sql.database import Database
from quota.unit_of_work import open_unit
from tests.support.rooms import (
    HOUR_MS,
    Hall,
    hall,
    make_period,
    read_period,
    rows_of,
    set_period,
    shift_clock,
)
from waitingroom.line.snapshot import bitmap


async def flush(h: Hall) -> None:
    await h.redis.flushall()


async def test_flushall_costs_nobody_a_number(database: Database, redis_url: str) -> None:
    """Five wait, all is lost, they present their tickets: same numbers, same order; a new one comes behind (P1, P8)."""
    await make_period(database, calls_per_minute=60_000, most_live_tokens=2)
    async with hall(database, redis_url) as h:
        tickets = [(await h.join(f"v{n}")).ticket for n in range(5)]
        await h.turn()
        await h.advance(1000)
        assert (await h.turn()).called + sorted(await rows_of(database, await h.period())) != []
        await flush(h)
        newcomer = await h.join("new")
        period = await h.period()
        states = [(await h.room.positions.me(period, ticket)) for ticket in tickets]
        assert [me.number for me in states] == [1, 2, 3, 4, 5]
        assert newcomer.ticket.number > 5
        waiting = [me.number for me in states if me.state == "waiting"]
        assert (await h.look()).next(9) == [*waiting, newcomer.ticket.number]


async def test_without_the_mark_a_loss_would_give_a_number_twice(database: Database, redis_url: str) -> None:
    """Twin: a new epoch that begins at zero, not above the mark, hands number 1 to a second person."""
    await make_period(database)
    async with hall(database, redis_url) as h:
        first = await h.join("a")
        await flush(h)
        await set_period(database, await h.period(), mark=0)
        assert (await h.join("b")).ticket.number == first.ticket.number


async def test_flushall_right_after_a_call_keeps_the_call(database: Database, redis_url: str) -> None:
    """The call is committed in SQL before anybody hears of it; the loss takes only the copy."""
    period = await make_period(database)
    async with hall(database, redis_url) as h:
        first, second = await h.join("a"), await h.join("b")
        await set_period(database, period, calls_per_minute=1)
        await h.turn()
        await flush(h)
        assert (await h.room.positions.me(await h.period(), first.ticket)).state == "called"
        assert (await h.room.positions.me(await h.period(), second.ticket)).state == "waiting"
        await set_period(database, period, calls_per_minute=6000, next_call=0)
        await h.advance(1000)
        assert (await h.turn()).called == [2]


async def test_nobody_is_called_until_everybody_had_time_to_come_back(
    database: Database, redis_url: str
) -> None:
    """After a loss the hold lasts 35 s of beat: number 2, back first, is not called before number 1 (P7)."""
    period = await make_period(database)
    async with hall(database, redis_url, hold_ms=35_000) as h:
        first, second = await h.join("a"), await h.join("b")
        await flush(h)
        await h.room.positions.me(await h.period(), second.ticket)
        assert (await h.turn()).called == []
        assert (await read_period(database, period)).clock == 0
        await h.room.positions.me(await h.period(), first.ticket)
        await h.redis.hset(f"wr1:{{{period.uid}}}:state", "beat", 35_000)
        await set_period(database, period, calls_per_minute=1)
        assert (await h.turn()).called == [1]


async def test_without_the_hold_the_first_one_back_would_pass(database: Database, redis_url: str) -> None:
    """Twin: with no hold number 2 is called while number 1 is still reconnecting."""
    await make_period(database)
    async with hall(database, redis_url, hold_ms=0) as h:
        _first, second = await h.join("a"), await h.join("b")
        await flush(h)
        await h.room.positions.me(await h.period(), second.ticket)
        assert (await h.turn()).called == [2]


async def test_a_loss_at_the_cap_long_after_the_last_call(database: Database, redis_url: str) -> None:
    """held = cap, 590 s later everything is lost: tokens live on, nobody is called, a lapse still moves the place."""
    period = await make_period(database, cap=2)
    async with hall(database, redis_url) as h:
        tickets = [(await h.join(f"v{n}")).ticket for n in range(3)]
        await h.turn()
        await h.advance(1000)
        await h.turn()
        assert (await read_period(database, period)).held == 2
        await h.advance(590_000)
        await flush(h)
        for ticket in tickets:
            await h.room.positions.me(await h.period(), ticket)
        assert (await h.turn()).called == []
        await h.advance(12_000)
        assert set((await h.turn()).lapsed) | {1, 2} == {1, 2}
        await h.advance(1000)
        await h.turn()
        assert (await rows_of(database, period))[3] == "live"
        assert (await read_period(database, period)).held <= 2


async def test_the_ticker_stopped_for_long_around_a_loss(database: Database, redis_url: str) -> None:
    """Joins and tickets go on without a ticker; what it finds when it is back is the same line."""
    await make_period(database)
    async with hall(database, redis_url) as h, hall(database, redis_url) as ticker:
        tickets = [(await h.join(f"v{n}")).ticket for n in range(3)]
        await ticker.room.looks.look(await ticker.period())
        await flush(h)
        for ticket in reversed(tickets):
            await h.room.positions.me(await h.period(), ticket)
        await set_period(database, await h.period(), calls_per_minute=1)
        assert (await ticker.turn()).called == [1]


async def test_two_processes_rebuild_at_once(database: Database, redis_url: str) -> None:
    """Ten that find the loss together begin one new epoch, not ten."""
    period = await make_period(database)
    async with hall(database, redis_url) as one, hall(database, redis_url) as two:
        await one.join("a")
        await two.room.looks.look(await two.period())
        before = (await read_period(database, period)).epoch
        await flush(one)
        await asyncio.gather(*((one, two)[n % 2].join(f"w{n}") for n in range(10)))
        assert (await read_period(database, period)).epoch == before + 1


async def test_a_rebuild_that_was_frozen_in_the_middle_is_refused(database: Database, redis_url: str) -> None:
    """It took its epoch in SQL, slept, and wakes when a newer one stands: its stale bitmap is not written."""
    period = await make_period(database)
    async with hall(database, redis_url) as h:
        first = await h.join("a")
        await h.join("b")
        await flush(h)
        await set_period(database, period, epoch=2)
        frozen = await read_period(database, period)
        await set_period(database, period, epoch=3)
        await h.room.epochs.renew(period.uid, 2)
        await set_period(database, period, calls_per_minute=1)
        await h.room.positions.me(await h.period(), first.ticket)
        assert (await h.turn()).called == [1]
        assert not await h.room.line.rebuild(frozen, b"", 0, await h.room.line.server(period.uid))
        assert (await h.look()).place(1) == "gone"


async def test_without_the_refusal_a_frozen_rebuild_would_bring_a_called_number_back(
    database: Database, redis_url: str
) -> None:
    """Twin: written all the same, the stale bitmap forgets that number 1 was called."""
    period = await make_period(database, calls_per_minute=1)
    async with hall(database, redis_url) as h:
        await h.join("a")
        await h.turn()
        await h.redis.hset(f"wr1:{{{period.uid}}}:state", "epoch", 0)
        stale = await read_period(database, period)
        assert await h.room.line.rebuild(stale, bitmap([]), 0, await h.room.line.server(period.uid))
        assert (await h.look()).place(1) != "gone"


async def test_an_old_ticket_presented_again_with_and_without_a_loss(
    database: Database, redis_url: str
) -> None:
    """Called, lapsed, left: what SQL knows is what it is told, and no presentation puts it back into the line."""
    period = await make_period(database, cap=1, clock=1000)
    async with hall(database, redis_url) as h:
        lapsed, left, called = [(await h.join(f"v{n}")).ticket for n in range(3)]
        await h.turn()
        await h.advance(602_000)
        await h.turn()
        await h.room.leaves.give_up(await h.period(), left)
        for _ in range(3):
            await h.advance(1000)
            await h.turn()
        assert await rows_of(database, period) == {1: "lapsed", 2: "left", 3: "live"}
        for lost in (False, True):
            if lost:
                await flush(h)
            states = [
                (await h.room.positions.me(await h.period(), ticket)).state
                for ticket in (lapsed, left, called)
            ]
            assert states == ["lapsed", "left", "called"]
            assert (await h.look()).next(9) == []


async def test_a_second_tab_joins_right_after_a_loss(database: Database, redis_url: str) -> None:
    """It brings the browser's ticket, so it gets the browser's number, and so does the visitor cookie afterwards."""
    await make_period(database)
    async with hall(database, redis_url) as h:
        first = await h.join("a")
        await flush(h)
        assert (await h.join("a", ticket=first.ticket)).ticket.number == 1
        assert (await h.join("a")).ticket.number == 1


async def test_a_submit_received_in_time_whose_row_lapsed_takes_its_place_back(
    database: Database, redis_url: str
) -> None:
    """A web process was stopped between check and commit: the place is taken back if it is free, else refused."""
    period = await make_period(database, cap=1)
    async with hall(database, redis_url) as h:
        await h.join("a")
        await h.turn()
        await h.advance(602_000)
        assert (await h.turn()).lapsed == [1]

        async def submit() -> int:
            async def work(conn: AsyncConnection) -> int:
                sheet = await open_unit(conn, period.uid, [1], [7])
                sheet.bind(1, 7, received_clock=599_000)
                rank = sheet.take(1, 7, 599_000, "receipt")
                await sheet.write(conn)
                return rank

            return await database.write(work)

        await set_period(database, period, held=1)
        with pytest.raises(Refusal):
            await submit()
        await set_period(database, period, held=0)
        assert await submit() == 1
        after = await read_period(database, period)
        assert (after.held, after.accepted, after.state) == (1, 1, "cap_reached")


async def test_two_periods_open_in_one_browser(database: Database, redis_url: str) -> None:
    """One visitor, two rooms: a number in each, and neither's ticket is looked at in the other."""
    await make_period(database)
    await make_period(database, uid="other-uid", id="autre", ordinal=2)
    async with hall(database, redis_url) as h:
        one = await h.room.joins.join(await h.period("essai"), None, None, "v")
        two = await h.room.joins.join(await h.period("autre"), None, None, "v")
        assert (one.ticket.uid, two.ticket.uid) == ((await h.period("essai")).uid, "other-uid")
        await h.room.leaves.give_up(await h.period("autre"), two.ticket)
        assert (await h.room.positions.me(await h.period("essai"), one.ticket)).state == "waiting"


async def test_a_process_with_the_old_epoch_cannot_raise_the_mark(database: Database, redis_url: str) -> None:
    """So no number above the old mark is ever given by a line that was replaced (P1)."""
    period = await make_period(database)
    async with hall(database, redis_url) as old, hall(database, redis_url) as new:
        await old.join("a")
        epoch = await old.room.epochs.current(period.uid)
        await flush(new)
        await new.join("b")
        mark = (await read_period(database, period)).mark
        with pytest.raises(Stale):
            await old.room.epochs.raise_mark_in(period.uid, epoch, 10_000)
        assert (await read_period(database, period)).mark == mark


async def test_a_service_clock_never_goes_back(database: Database, redis_url: str) -> None:
    """The Redis host's clock steps an hour forward and back: ends do not move, 2 s at most are counted (P5)."""
    period = await make_period(database)
    async with hall(database, redis_url) as h:
        await h.join("a")
        await h.turn()
        clocks = []
        for step in (-3_600_000, 3_600_000, -3_600_000):
            await h.redis.hincrby(f"wr1:{{{period.uid}}}:state", "ticked", step)
            await h.turn()
            clocks.append((await read_period(database, period)).clock)
        assert clocks == sorted(clocks) and clocks[-1] < 5_000


async def test_a_web_host_whose_clock_is_an_hour_behind_is_alive(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its heartbeats look an hour old: the ticker sees them move and takes none of them away (P5)."""
    web, ticker = Heartbeat(database, "web"), Heartbeat(database, "ticker")
    for _ in range(3):
        with monkeypatch.context() as behind:
            behind.setattr("foundation.heartbeat.now_ms", lambda: now_ms() - HOUR_MS - 1_000)
            await web.beat()
        await ticker.beat()
    assert ticker.alive("web")
    assert [row[1] for row in ticker._moved.values()] == [3, 3]


async def test_heartbeats_of_processes_that_ended_are_taken_away(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row that did not move for an hour of this process's own time goes; one that moves stays."""
    killed, web, ticker = (Heartbeat(database, kind) for kind in ("web", "web", "ticker"))
    for pulse in (killed, web, ticker):
        await pulse.beat()
    monkeypatch.setattr("foundation.heartbeat.FORGOTTEN_SECONDS", 0.0)
    for pulse in (web, ticker, web, ticker):
        await pulse.beat()
    monkeypatch.undo()
    await ticker.beat()
    assert killed.process not in ticker._moved and web.process in ticker._moved


async def two_seconds(h: Hall, served: bool = True) -> int:
    """One tick after two seconds; the service clock then."""
    period = await h.period()
    await h.redis.hincrby(f"wr1:{{{period.uid}}}:state", "ticked", -2000)
    return (await h.turn(served)).period.clock


async def test_a_silence_of_the_web_costs_nobody_the_time_until_it_was_noticed(
    database: Database, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All web processes died six seconds before their silence said so: afterwards the clock stands that long (P5)."""
    await make_period(database)
    steady = time.monotonic
    async with hall(database, redis_url) as h:
        await h.turn()
        served = await two_seconds(h)
        assert [await two_seconds(h, served=False) for _ in range(3)] == [served] * 3
        monkeypatch.setattr("waitingroom.calls.time.monotonic", lambda: steady() + 60)
        assert [await two_seconds(h) for _ in range(3)] == [served] * 3
        assert await two_seconds(h) == served + 2_000


async def test_without_giving_it_back_a_silence_would_cost_six_seconds(
    database: Database, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: with nothing owed the clock goes on at once from where the silence was noticed."""
    monkeypatch.setattr("waitingroom.calls.UNSEEN_MS", 0)
    await make_period(database)
    steady = time.monotonic
    async with hall(database, redis_url) as h:
        served = await two_seconds(h)
        await two_seconds(h, served=False)
        monkeypatch.setattr("waitingroom.calls.time.monotonic", lambda: steady() + 60)
        assert await two_seconds(h) == served + 2_000


async def test_a_room_that_was_opened_stays_open_when_the_clock_of_redis_steps_back(
    database: Database, redis_url: str
) -> None:
    """By that clock the opening lies an hour ahead again: whoever comes gets a number (P10)."""
    period = await make_period(database)
    async with hall(database, redis_url) as h:
        await h.join("a")
        await set_period(database, period, opens_at=now_ms() + HOUR_MS)
        await h.turn()
        assert (await h.join("b")).ticket.number == 2


async def test_a_web_host_whose_clock_is_an_hour_ahead_sends_nobody_away(
    database: Database, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Near the end of a period: over by its clock, not by the line's; it gives numbers and drains nobody."""
    await make_period(database, closes_at=now_ms() + HOUR_MS // 2)
    async with hall(database, redis_url) as h:
        first = await h.join("a")
        shift_clock(monkeypatch, HOUR_MS)
        assert (await h.room.positions.me(await h.period(), first.ticket)).state == "waiting"
        assert (await h.join("b")).ticket.number == 2


async def test_a_web_host_whose_clock_is_an_hour_ahead_opens_nothing(
    database: Database, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the opening: by its clock it is time, by the line's it is not; nobody gets a number (P10)."""
    await make_period(database, state="armed", opens_at=now_ms() + HOUR_MS // 2)
    async with hall(database, redis_url) as h:
        shift_clock(monkeypatch, HOUR_MS)
        with pytest.raises(Refusal, match="room_not_open"):
            await h.join("a")
