"""A store that is away or frozen holds up nothing that does not need it, and nobody is told what is not so."""

import asyncio
import contextlib
import os
import secrets
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import pytest
import redis
import sqlalchemy as sa
import uvloop
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.types import Message

from config.processes.embedded import Valkey
from config.processes.ticker import Ticker
from config.processes.worker import ENTRY
from config.stores import open_queue
from foundation.batching import WRITTEN_TURNS, Batcher
from foundation.clock import now_ms
from foundation.doorbell import QUEUE_SECONDS, Doorbell
from foundation.errors import Unavailable
from foundation.heartbeat import Heartbeat
from foundation.sql.database import Database
from quota import ledger, store
from tests.support.rooms import Hall, RecordingWire, hall, make_period, read_period, set_period
from waitingroom.feed import endpoint
from waitingroom.feed import feed as feeds
from waitingroom.feed.feed import Feed
from waitingroom.feed.watcher import Watcher
from waitingroom.leaves import Leaves
from waitingroom.line.store import Line
from waitingroom.tickets import Ticket

NOWHERE = "postgresql://postgres@/nothing?host=/nonexistent"


def feed_of(h: Hall) -> Feed:
    return Feed(h.room, Heartbeat(h.db, "web"))


@contextlib.contextmanager
def ticker_of(h: Hall, redis_url: str) -> Iterator[Ticker]:
    """A ticker with this hall's stores."""
    bell = Doorbell(h.db, open_queue(redis_url, QUEUE_SECONDS), ENTRY, h.room.events)
    yield Ticker(h.db, h.room, bell, Heartbeat(h.db, "ticker"), 0.05)
    bell.close()


@pytest.fixture
async def on_sqlite(sqlite_url: str) -> AsyncIterator[Database]:
    """For what SQL has no part in: once is enough."""
    opened = Database(sqlite_url)
    yield opened
    await opened.close()


async def call_only(db: Database, uid: str, epoch: int, number: int) -> None:
    """The call is committed, and the process dies, or Redis falls silent, before the line is told."""
    called = await db.write(
        lambda conn: ledger.call(
            conn, uid, epoch=epoch, candidates=[number], passed_over=b"", listed_at=0, age_ms=0
        )
    )
    assert called.numbers == [number]


@contextlib.contextmanager
def frozen(valkey: Valkey) -> Iterator[None]:
    """The server neither answers nor goes away."""
    assert valkey.pid
    os.kill(valkey.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(valkey.pid, signal.SIGCONT)


@contextlib.asynccontextmanager
async def turning(feed: Feed) -> AsyncIterator[None]:
    """The feed at work, as in a web process."""
    task = asyncio.create_task(feed.run())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_whoever_was_called_as_the_period_closed_is_told_so(database: Database, redis_url: str) -> None:
    """A look at the line from before the call, a row from after the close: SQL is asked before « drained » is said."""
    period = await make_period(database)
    async with hall(database, redis_url) as h:
        first, second = await h.join("a"), await h.join("b")
        feed = feed_of(h)
        await h.room.look(await h.period())
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
        mes = [await h.room.me(await h.period(), joined.ticket) for joined in (first, second)]
        assert [me.state for me in mes] == ["called", "drained"]


async def test_people_stay_present_while_their_process_cannot_reach_sql(
    database: Database, redis_url: str
) -> None:
    """Marking needs Redis alone: heartbeats and rows that cannot be had do not park anybody (P8)."""
    period = await make_period(database, calls_per_minute=1)
    async with hall(database, redis_url) as h:
        called, waiting = await h.join("a"), await h.join("b")
        await h.turn()
        feed = feed_of(h)
        await h.room.look(await h.period())
        for joined in (called, waiting):
            feed.add(Watcher("essai", joined.ticket, RecordingWire()))
        await h.absent(2)
        h.room.db = away = Database(NOWHERE)
        feed.pulse = Heartbeat(away, "web")
        async with turning(feed):
            async with asyncio.timeout(3):
                while True:
                    epoch = await h.room.epochs.current(period.uid)
                    if (await h.room.line.snapshot(period.uid, epoch)).next(9) == [2]:
                        break
                    await asyncio.sleep(0.05)


async def test_a_silent_redis_holds_nobody_up_twice(on_sqlite: Database, valkey: Valkey) -> None:
    """Frozen, it costs the first who ask their patience; then polls are answered at once, and SQL's news still come."""
    await make_period(on_sqlite, calls_per_minute=1)
    async with hall(on_sqlite, valkey.url) as h:
        called, waiting = await h.join("a"), await h.join("b")
        await h.turn()
        feed, watcher = feed_of(h), Watcher("essai", called.ticket, RecordingWire())
        feed.add(watcher)
        async with turning(feed):
            await until(lambda: told(watcher) == "called", 3)
            with frozen(valkey):
                await took(h.room.me(await h.period(), waiting.ticket))
                for _ in range(3):
                    assert await took(h.room.me(await h.period(), waiting.ticket)) < 1.5
                await on_sqlite.write(lambda conn: conn.execute(sa.update(store.token).values(account=7)))
                await until(lambda: told(watcher) == "redeemed", 2.5)
            await until_looked(h)


async def test_without_that_memory_every_poll_waits(on_sqlite: Database, valkey: Valkey) -> None:
    """Twin: a line that forgets the silence at once asks again for each poll."""
    await make_period(on_sqlite)
    async with hall(on_sqlite, valkey.url) as h:
        joined = await h.join("a")
        await h.room.look(await h.period())
        with frozen(valkey):
            for _ in range(2):
                h.room.line._away_until = None
                assert await took(h.room.me(await h.period(), joined.ticket)) > 2


async def took(work: Awaitable[object]) -> float:
    started = time.monotonic()
    await work
    return time.monotonic() - started


def told(watcher: Watcher) -> str | None:
    return watcher.state


async def until(true: Callable[[], bool], seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.02)


async def until_looked(h: Hall) -> None:
    """The line is asked again within two seconds of its being back."""
    async with asyncio.timeout(2):
        while True:
            with contextlib.suppress(Unavailable):
                await h.look()
                return
            await asyncio.sleep(0.02)


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

        h.room.db = slow = Hanging(on_sqlite.url.render_as_string())
        first = asyncio.create_task(h.room.refresh())
        await asyncio.sleep(0)
        h.room._periods_at = 0.0
        async with asyncio.timeout(1):
            assert [period.id for period in await h.room.periods()] == ["essai"]
        hangs.set()
        await first
        await slow.close()


async def test_after_an_outage_of_all_the_first_one_back_draws_nobody_away(
    on_sqlite: Database, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both were blind for a minute. That the other marks again a moment sooner closes no socket here (P8).

    Only when it goes on doing better for seconds are people sent there, spread over ten seconds.
    """
    monkeypatch.setattr(feeds, "SURE_SECONDS", 0.3)
    await make_period(on_sqlite)
    async with hall(on_sqlite, redis_url) as h:
        blind, other = feed_of(h), feed_of(h)
        people = [
            Watcher("essai", Ticket((await h.period()).uid, n, "v"), RecordingWire()) for n in range(1, 21)
        ]
        for watcher in people:
            blind.add(watcher)
        blind._marked_at -= 60
        for feed in (other, blind):
            await feed.pulse.beat()
        await other.mark()
        for feed in (other, blind):
            await feed.pulse.beat()
        assert blind.pulse.others_mark()
        await blind.turn()
        assert [watcher.closing for watcher in people] == [None] * 20
        await asyncio.sleep(0.4)
        await blind.turn()
        assert [watcher.closing for watcher in people].count(1012) == 3
        await blind.mark()
        for watcher in people:
            watcher.closing = None
        await blind.turn()
        assert [watcher.closing for watcher in people] == [None] * 20


async def test_sockets_that_close_while_redis_is_away_are_not_counted_for_ever(
    on_sqlite: Database, valkey: Valkey
) -> None:
    """Three close during the outage; after it the same browser opens three again, and a fourth is one too many."""
    period = await make_period(on_sqlite)
    async with hall(on_sqlite, valkey.url) as h:
        ticket = (await h.join("a")).ticket
        feed, other = feed_of(h), feed_of(h)
        assert [await feed.admit(ticket) for _ in range(4)] == [True, True, True, False]
        with frozen(valkey):
            for _ in range(3):
                await feed.dismiss(ticket)
        await until_looked(h)
        feed.add(Watcher(period.id, Ticket(period.uid, 9, "v"), RecordingWire()))
        await feed.mark()
        assert [await other.admit(ticket) for _ in range(4)] == [True, True, True, False]


async def test_after_a_loss_the_line_is_told_again_who_has_how_many_sockets(
    on_sqlite: Database, redis_url: str
) -> None:
    """Three here before all of Redis is emptied: there is still no fourth, on another process, by another ticket."""
    period = await make_period(on_sqlite)
    async with hall(on_sqlite, redis_url) as h:
        ticket = (await h.join("a")).ticket
        feed, other = feed_of(h), feed_of(h)
        feed.add(Watcher(period.id, ticket, RecordingWire()))
        assert [await feed.admit(ticket) for _ in range(3)] == [True] * 3
        assert not await other.admit(Ticket(ticket.uid, ticket.number, "shown by another of its tickets"))
        await h.redis.flushall()
        await feed.mark()
        assert not await other.admit(ticket)


async def test_without_the_common_count_there_are_three_in_each_process(
    on_sqlite: Database, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: a line that takes every count, then a process that does not count either."""
    await make_period(on_sqlite)
    async with hall(on_sqlite, redis_url) as h:
        ticket = (await h.join("a")).ticket
        here, there = feed_of(h), feed_of(h)
        taken: Counter[Feed] = Counter()

        async def four_more_in_each() -> list[int]:
            for feed in (here, there):
                taken[feed] += sum([await feed.admit(ticket) for _ in range(4)])
            return [taken[here], taken[there]]

        assert await four_more_in_each() == [3, 0], "as it is: three of one ticket, wherever they are"

        async def uncounted(_line: Line, _uid: str, _process: str, counts: Any, _most: int) -> list[bool]:
            return [True] * len(counts)

        monkeypatch.setattr(Line, "sockets", uncounted)
        assert await four_more_in_each() == [3, 3]
        monkeypatch.setattr(feeds, "MOST_SOCKETS", 1000)
        assert await four_more_in_each() == [7, 7]


async def test_who_left_while_redis_was_away_is_out_of_the_line_afterwards(
    on_sqlite: Database, valkey: Valkey
) -> None:
    """SQL has it, the line hears of it once it is back: a new join gives a new number at the end."""
    await make_period(on_sqlite)
    async with hall(on_sqlite, valkey.url) as h:
        joined = await h.join("a")
        with frozen(valkey):
            await h.room.leaves.give_up(await h.period(), joined.ticket)
        await until_looked(h)
        assert (await h.look()).place(joined.ticket.number) == "waiting", "the line has not heard of it"
        with ticker_of(h, valkey.url) as ticker:
            await ticker.tick()
        assert (await h.look()).place(joined.ticket.number) == "gone"
        again = await h.join("a", ticket=joined.ticket)
        assert again.ticket.number > joined.ticket.number


async def leave_only(h: Hall, ticket: Ticket) -> None:
    """The leave is committed, and the process dies before it tells the line."""
    await h.db.write(lambda conn: ledger.leave_waiting(conn, [(ticket.uid, ticket.number)]))


async def test_a_leave_whose_process_died_before_it_told_redis_is_told_by_a_ticker(
    database: Database, redis_url: str
) -> None:
    """Within two seconds, by whichever process lives; the same browser then gets a new number, and SQL is at rest."""
    await make_period(database, calls_per_minute=0)
    async with hall(database, redis_url) as h:
        first = (await h.join("a")).ticket
        await h.join("b")
        await leave_only(h, first)
        with ticker_of(h, redis_url) as ticker:
            ticking = asyncio.create_task(ticker.run())
            async with asyncio.timeout(2):
                while await database.read(lambda conn: ledger.unheard(conn, first.uid)):
                    await asyncio.sleep(0.02)
            ticking.cancel()
            await asyncio.wait([ticking])
        again = await h.join("a", ticket=first)
        assert (again.ticket.number, again.existed) == (3, False)
        assert (await h.look()).next(9) == [2, 3]


async def test_untold_the_same_browser_would_get_the_number_back_that_it_left(
    database: Database, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: with leaves that nobody tells again a rejoin is given a number that is never called."""

    async def nothing(*_: object) -> None:
        return None

    monkeypatch.setattr(Leaves, "tell", nothing)
    await make_period(database, calls_per_minute=0)
    async with hall(database, redis_url) as h:
        first = (await h.join("a")).ticket
        await leave_only(h, first)
        with ticker_of(h, redis_url) as ticker:
            await ticker.tick()
        again = await h.join("a", ticket=first)
        assert (again.ticket.number, again.existed) == (1, True)


async def test_a_token_given_back_before_the_line_heard_of_its_call_is_told_too(
    database: Database, redis_url: str
) -> None:
    """The ticker dies after the call, the person gives the place back: a new join is a new number."""
    period = await make_period(database, calls_per_minute=6000)
    async with hall(database, redis_url) as h:
        first = (await h.join("a")).ticket
        await call_only(database, period.uid, await h.room.epochs.current(period.uid), 1)
        await h.room.leaves.give_up(await h.period(), first)
        assert (await h.look()).place(1) == "waiting"
        await h.room.leaves.tell(period.uid)
        assert (await h.join("a", ticket=first)).ticket.number == 2


async def test_what_a_tick_reads_of_leaves_does_not_grow_with_them(
    on_sqlite: Database, redis_url: str
) -> None:
    """It finds those that are left to tell in an index that holds nothing else; each is told once more, and no more."""
    period, asked = await make_period(on_sqlite), list[tuple[str, Any]]()

    async def plan(conn: AsyncConnection) -> list[str]:
        def note(_c: object, _cursor: object, statement: str, values: Any, *_: object) -> None:
            asked.append((statement, values))

        sa.event.listen(conn.sync_connection, "before_cursor_execute", note)
        await ledger.unheard(conn, period.uid)
        sa.event.remove(conn.sync_connection, "before_cursor_execute", note)
        statement, values = asked[-1]
        written_out = statement.replace("?", "{!r}").format(*values)
        found = await conn.execute(sa.text(f"explain query plan {written_out}"))
        return [str(row.detail) for row in found]

    assert await on_sqlite.read(plan) == ["SEARCH token USING INDEX ix_token_unheard (period=?)"]
    async with hall(on_sqlite, redis_url) as h:
        first = (await h.join("a")).ticket
        await h.room.leaves.give_up(await h.period(), first)
        for left in ([1], []):
            assert await on_sqlite.read(lambda conn: ledger.unheard(conn, period.uid)) == left
            await h.room.leaves.tell(period.uid)
        entries = await h.room.line.journal(period.uid)
        assert [entry.kind for entry in entries].count("leave") == 1, "told twice, recorded once"


async def test_a_reader_who_takes_nothing_is_cut_off(
    on_sqlite: Database, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Left open it would look alive, and be marked present, and never be told of its call."""
    monkeypatch.setattr(endpoint, "SEND_SECONDS", 0.2)
    await make_period(on_sqlite)
    async with hall(on_sqlite, redis_url) as h:
        joined = await h.join("a")
        feed, never = feed_of(h), asyncio.Event()
        said: list[Message] = [{"type": "websocket.connect"}]

        async def receive() -> Message:
            if not said:
                await never.wait()
            return said.pop()

        async def send(message: Message) -> None:
            if message["type"] != "websocket.accept":
                await never.wait()

        bearer = (b"authorization", f"Bearer {joined.text}".encode())
        scope = {"type": "websocket", "path": "/", "headers": [bearer], "path_params": {"id": "essai"}}
        async with asyncio.timeout(2):
            await endpoint.LiveFeed(h.room, feed)(scope, receive, send)
        assert not feed._watchers["essai"]


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
            assert (await h.room.me(await h.period(), tickets[number])).state == "called"


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
                await h.room.me(await h.period(), second.ticket)
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
