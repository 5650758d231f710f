"""Who is called: the lowest present, evenly, never more than there are places; each with its twin."""

import asyncio
import zlib
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.errors import Refusal, Stale
from foundation.sql.database import Database
from quota import ledger, store
from quota.pace import due_calls
from quota.store import Period
from quota.unit_of_work import open_unit
from tests.support.rooms import hall, make_period, read_period, rows_of, set_period


@pytest.mark.parametrize(
    ("clock", "next_call", "pace", "expected"),
    [
        (0, 0, 4, (1, 15_000)),
        (14_999, 15_000, 4, (0, 15_000)),
        (15_000, 15_000, 4, (1, 30_000)),
        (500, 0, 240, (3, 750)),
        (60_000, 15_000, 4, (1, 75_000)),
        (27_000, 15_000, 4, (1, 42_000)),
        (16_900, 15_000, 4, (1, 30_000)),
        (2_500, 0, 60, (1, 3_500)),
        (1_000, 0, 0, (0, 0)),
    ],
)
def test_calls_are_even_and_a_missed_beat_is_not_made_up(
    clock: int, next_call: int, pace: int, expected: tuple[int, int]
) -> None:
    """4 a minute is one each 15 s; after a long wait one is due, not all that were missed."""
    assert due_calls(clock, next_call, pace) == expected


async def test_the_lowest_present_is_called_with_people_dropping_out_and_coming_back(
    database: Database, redis_url: str
) -> None:
    """Who is away keeps the number and is passed over; once seen again they are next, in their order (P7)."""
    # So slow a pace that a busy machine's own seconds bring no call between two turns.
    period = await make_period(database, calls_per_minute=2, next_call=30_000)
    async with hall(database, redis_url) as h:
        tickets = {n: (await h.join(f"v{n}")).ticket for n in range(1, 9)}
        await h.absent(1, 3)
        order = []
        for back in (None, None, 3, None, 1, None):
            if back:
                await h.room.positions.me(await h.period(), tickets[back])
            await h.advance(30_000)
            order += (await h.turn()).called
        assert order == [2, 4, 3, 5, 1, 6]
        assert (await read_period(database, period)).held == 6


async def test_without_presence_somebody_absent_would_be_called(database: Database, redis_url: str) -> None:
    """Twin: a caller that takes the lowest waiting, present or not, calls number 1, who is away."""
    await make_period(database)
    async with hall(database, redis_url) as h:
        for n in range(2):
            await h.join(f"v{n}")
        await h.absent(1)
        look = await h.look()
        careless = msgspec.structs.replace(
            look, front=bytes(a | b for a, b in zip(look.front, look.parked, strict=True))
        )
        assert careless.next(1) == [1] != look.next(1)


async def test_two_tickers_at_four_a_minute_make_four(database: Database, redis_url: str) -> None:
    """The next call is a column of the locked row, so any number of tickers keep one pace."""
    await make_period(database, calls_per_minute=4)
    async with hall(database, redis_url) as one, hall(database, redis_url) as two:
        for n in range(20):
            await one.join(f"v{n}")
        called: list[int] = []
        for _ in range(50):
            await one.advance(1000)
            turns = await asyncio.gather(one.turn(), two.turn())
            called += [number for turn in turns for number in turn.called]
        # One at once and one at each quarter of a minute; the machine's own time comes on top of the 50 s.
        clock = (await one.period()).clock
        assert sorted(called) == list(range(1, 2 + clock // 15_000))
        assert len(called) >= 4


async def call(h: Any, candidates: list[int], **changes: Any) -> ledger.CallOutcome:
    period = await h.period()
    known = {"epoch": await h.room.epochs.current(period.uid), "age_ms": 0} | changes
    called: ledger.CallOutcome = await h.db.write(
        lambda conn: ledger.call(
            conn, period.uid, candidates=candidates, passed_over=b"", listed_at=0, **known
        )
    )
    return called


async def test_a_call_never_holds_more_than_the_cap(database: Database, redis_url: str) -> None:
    """Ten tickers at once, three places: three calls (P6)."""
    period = await make_period(database, cap=3, clock=1000)
    async with hall(database, redis_url) as h:
        results = await asyncio.gather(*(call(h, list(range(1 + n, 6 + n))) for n in range(10)))
        assert sum(len(result.numbers) for result in results) == 3
        assert (await read_period(database, period)).held == 3


@pytest.mark.parametrize(("checked", "held"), [(True, 3), (False, 6)])
async def test_without_the_lock_two_callers_see_the_same_three_places(
    postgresql_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch, checked: bool, held: int
) -> None:
    """Twin: both read the row before either writes it, and six hold three places; the row's own check stops the second.

    SQLite has one writer at a time, so nothing there can be read in between.
    """
    database = Database(postgresql_url)
    period = await make_period(database, cap=3, clock=1000)
    if not checked:
        unchecked = sa.text("alter table period drop constraint ck_period_places")
        await database.write(lambda conn: conn.execute(unchecked))
    both = asyncio.Barrier(2)

    async def unlocked(conn: AsyncConnection, uid: str) -> Period:
        found = await ledger.period_by_id(conn, period.id)
        await both.wait()
        return found

    async with hall(database, redis_url) as h:
        await h.room.epochs.current((await h.period()).uid)
        monkeypatch.setattr(ledger, "lock", unlocked)
        async with asyncio.timeout(20):
            ended = await asyncio.gather(call(h, [1, 2, 3]), call(h, [4, 5, 6]), return_exceptions=True)
        assert [type(one) for one in ended].count(IntegrityError) == checked
        assert (await read_period(database, period)).held == held
        assert len(await rows_of(database, period)) == held
    await database.close()


async def test_the_row_itself_refuses_more_than_the_cap(database: Database) -> None:
    """A second fence, on both stores: whoever counts without care is stopped by the row's check."""
    period = await make_period(database, cap=3)
    with pytest.raises(IntegrityError):
        await set_period(database, period, held=4)


async def test_a_list_older_than_a_second_calls_nobody(database: Database, redis_url: str) -> None:
    """A ticker that was frozen with a list in its hand does no harm when it wakes; with the check off it would."""
    await make_period(database)
    async with hall(database, redis_url) as h:
        assert (await call(h, [1, 2], age_ms=30_000)).numbers == []
        assert (await call(h, [1, 2], age_ms=999)).numbers == [1]


async def test_a_caller_of_an_older_epoch_calls_nobody(database: Database, redis_url: str) -> None:
    """Whoever still believes in the line that was lost is told Stale by SQL."""
    await make_period(database)
    async with hall(database, redis_url) as h:
        with pytest.raises(Stale):
            await call(h, [1], epoch=0)


async def test_a_number_that_has_a_row_does_not_stop_the_line(database: Database, redis_url: str) -> None:
    """Killed between a leave's commit and Redis: the number is cleared and the next one is called."""
    period = await make_period(database, calls_per_minute=1)
    async with hall(database, redis_url) as h:
        for n in range(3):
            await h.join(f"v{n}")
        await database.write(lambda conn: ledger.leave_waiting(conn, [(period.uid, 1)]))
        assert (await h.look()).next(9) == [1, 2, 3]
        assert (await h.turn()).called == [2]
        assert (await h.look()).next(9) == [3]


async def test_killed_between_a_call_and_redis_nobody_is_called_twice(
    database: Database, redis_url: str
) -> None:
    """SQL has the row, the line still shows the number as waiting: the next tick clears it and goes on."""
    await make_period(database)
    async with hall(database, redis_url) as h:
        first = await h.join("a")
        await h.join("b")
        assert (await call(h, [1])).numbers == [1]
        await h.advance(1000)
        assert (await h.turn()).called == [2]
        assert (await h.room.positions.me(await h.period(), first.ticket)).state == "called"


async def test_a_pause_stops_calls_and_clocks_and_a_close_clears_it(
    database: Database, redis_url: str
) -> None:
    """While paused the service clock stands and nobody is called; joins go on."""
    period = await make_period(database)
    async with hall(database, redis_url) as h:
        await h.join("a")
        await set_period(database, period, paused=True)
        await h.redis.hincrby(f"wr1:{{{period.uid}}}:state", "ticked", -1500)
        assert (await h.turn()).called == []
        assert (await h.turn()).period.clock == 0
        assert (await h.join("b")).ticket.number == 2
        await set_period(database, period, paused=False)
        assert (await h.turn()).called[0] == 1


async def test_without_a_web_process_the_clock_stands(database: Database, redis_url: str) -> None:
    """Time that nobody could use is not served."""
    period = await make_period(database)
    async with hall(database, redis_url) as h:
        await h.join("a")
        await h.turn(served=False)
        await h.redis.hincrby(f"wr1:{{{period.uid}}}:state", "ticked", -1500)
        assert (await h.turn(served=False)).called == []
        assert (await read_period(database, period)).clock == 0


async def test_a_lapse_moves_the_place_on(database: Database, redis_url: str) -> None:
    """A second after the end, not before; and only what is live."""
    period = await make_period(database, cap=1)
    async with hall(database, redis_url) as h:
        await h.join("a")
        await h.join("b")
        await h.turn()
        ends = await database.read(lambda conn: ledger.find(conn, period.uid, 1))
        assert ends is not None and ends.ends is not None
        await set_period(database, period, clock=ends.ends + 500)
        assert (await h.turn(served=False)).lapsed == []
        await set_period(database, period, clock=ends.ends + 1000)
        await h.turn()
        await h.turn()
        assert await rows_of(database, period) == {1: "lapsed", 2: "live"}


async def test_most_live_tokens_bounds_the_called(database: Database, redis_url: str) -> None:
    """However fast the pace, no more live tokens than the operators allow."""
    await make_period(database, most_live_tokens=2)
    async with hall(database, redis_url) as h:
        for n in range(5):
            await h.join(f"v{n}")
        for _ in range(5):
            await h.advance(1000)
            await h.turn()
        assert (await read_period(database, await h.period())).held == 2


async def test_a_call_records_whom_it_passed_over(database: Database, redis_url: str) -> None:
    """The record that `guichet verify` needs for P7."""
    await make_period(database)
    async with hall(database, redis_url) as h:
        for n in range(3):
            await h.join(f"v{n}")
        await h.absent(1)
        await h.turn()
        row = (await database.read(lambda conn: conn.execute(sa.select(store.call)))).one()

        assert zlib.decompress(row.passed_over)[0] == 0x40


async def test_a_place_is_not_taken_after_the_end_even_with_a_bound_token(
    database: Database, redis_url: str
) -> None:
    """The ledger looks at the end itself, whatever the caller looked at before: by a millisecond (P5)."""
    period = await make_period(database)
    async with hall(database, redis_url) as h:
        await h.join("a")
        await h.turn()

        async def bind(conn: AsyncConnection) -> ledger.Token:
            sheet = await open_unit(conn, period.uid, [1], [7])
            token = sheet.bind(1, 7)
            await sheet.write(conn)
            return token

        token = await database.write(bind)
        for late, code in ((1, "token_expired"), (0, "")):
            received = (token.ends or 0) + late

            async def take(conn: AsyncConnection, at: int = received) -> int:
                sheet = await open_unit(conn, period.uid, [1], [7])
                return sheet.take(1, 7, at, "receipt")

            if code:
                with pytest.raises(Refusal, match=code):
                    await database.write(take)
            else:
                assert await database.write(take) == 1
