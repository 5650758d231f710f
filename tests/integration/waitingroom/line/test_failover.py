"""A replica that is behind takes over, and another one back; a server comes back with yesterday's file. On real ones.

Nobody loses a number, no number is given twice, and whoever was called stays called, also while a process still talks
to the old primary. Each with people joined and some called.
"""

import asyncio
import shutil
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from redis.exceptions import ReadOnlyError
from rq import Queue
from rq.serializers import JSONSerializer

from config.processes.embedded import Valkey
from config.settings import WrongSetting, refuse_evicting
from config.stores import open_queue, open_redis
from evidence.verify import verify
from foundation import doorbell, outbox
from foundation.errors import Unavailable
from foundation.sql.database import Database
from quota.store import Period
from tests.conftest import until
from tests.support.processes.fleets import Guarded, ServerPair, guarded, pair, stopped
from tests.support.rooms import Hall, hall, make_period, read_period, rows_of, set_period
from waitingroom.joins.joins import Joined
from waitingroom.line import journal, store
from waitingroom.line.store import Line

HOLD_MS = 35_000

FOUND_SECONDS = 30.0
"""For Sentinels to agree and processes to follow; some two seconds where nobody else is at work."""


@pytest.fixture
async def database(sqlite_url: str) -> AsyncIterator[Database]:
    """SQL's part in an epoch is tested on both stores elsewhere."""
    opened = Database(sqlite_url)
    yield opened
    await opened.close()


@pytest.fixture(scope="module")
def fleet() -> Iterator[Guarded]:
    """One for all tests that need Sentinels; the last of them leaves it without B."""
    with guarded() as started:
        yield started


@pytest.fixture
def two() -> Iterator[ServerPair]:
    with pair() as started:
        yield started


async def room_of(database: Database) -> Period:
    return await make_period(database, calls_per_minute=180)


async def patiently(h: Hall, visitor: str) -> Joined:
    """Join as a browser does: told that the room is away, it asks again. No answer takes longer than it may."""
    async with asyncio.timeout(FOUND_SECONDS):
        while True:
            try:
                async with asyncio.timeout(store.ANSWER_SECONDS + 2):
                    return await h.join(visitor)
            except Unavailable:
                await asyncio.sleep(0.05)


async def join(h: Hall, names: range) -> dict[int, Joined]:
    people = await asyncio.gather(*(patiently(h, f"v{name}") for name in names))
    return {joined.ticket.number: joined for joined in people}


async def call(h: Hall, more: int) -> list[int]:
    """Turns until so many more are called."""
    called: list[int] = []
    while len(called) < more:
        await h.advance(350)
        called += (await h.turn()).called
    return called


async def all_keep_their_numbers(h: Hall, people: dict[int, Joined], called: list[int]) -> None:
    """Every ticket is presented: it leads to its own number, in its order, and to its call."""
    period = await h.period()
    mes = {number: await h.room.positions.me(period, joined.ticket) for number, joined in people.items()}
    assert {number: me.number for number, me in mes.items()} == {number: number for number in people}
    states = {number: me.state for number, me in mes.items()}
    assert states == {number: "called" if number in called else "waiting" for number in people}
    assert [number for number in (await h.look()).next(10_000) if number in people] == sorted(
        set(people) - set(called)
    )


async def hold_passes(h: Hall) -> None:
    """Nobody is called before the beat has run through the hold."""
    uid = (await h.period()).uid
    for _ in range(HOLD_MS // 2000 - 1):
        assert (await h.turn()).called == []
        await h.redis.hincrby(f"wr1:{{{uid}}}:state", "ticked", -2000)
    async with asyncio.timeout(30):
        while not (await h.turn()).called:
            await h.redis.hincrby(f"wr1:{{{uid}}}:state", "ticked", -2000)


async def kept(h: Hall, database: Database, sqlite_url: str) -> None:
    await journal.copy(database, h.room.line, (await h.period()).uid)
    assert await verify(sqlite_url, "essai") == 0


async def test_a_sentinel_that_is_gone_without_a_word_is_passed(fleet: Guarded) -> None:
    """Two of three do not answer: the third is believed, within the half second that a probe has."""
    with stopped(fleet.sentinels[0]), stopped(fleet.sentinels[1]):
        redis = open_redis(fleet.url)
        async with asyncio.timeout(store.PROBE_SECONDS * 4):
            await Line(redis).ping()
        await redis.aclose()


async def test_a_primary_that_drops_keys_is_refused_at_start(fleet: Guarded) -> None:
    """The one that the Sentinels name is looked at, and looked at again when it is set right."""
    redis = open_redis(fleet.url, refusing=False)
    fleet.a.ask("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
    with pytest.raises(WrongSetting, match="allkeys-lru"):
        await refuse_evicting(redis)
    fleet.a.ask("CONFIG", "SET", "maxmemory-policy", "noeviction")
    await refuse_evicting(redis)
    await redis.aclose()


async def test_the_queue_rings_on_the_primary_that_sentinels_name(database: Database, fleet: Guarded) -> None:
    """RQ's client finds it as ours does."""
    client = open_queue(fleet.url, doorbell.QUEUE_SECONDS)
    bell = doorbell.Doorbell(database, client, "config.processes.worker.run")
    assert await bell.ring([outbox.Ring(1, 0)]) == 1
    with fleet.a.client() as primary:
        assert Queue(doorbell.QUEUE, connection=primary, serializer=JSONSerializer).count == 1
    bell.close()


@pytest.mark.slow
async def test_a_fails_over_to_b_and_b_to_a(
    database: Database, sqlite_url: str, fleet: Guarded, capsys: pytest.CaptureFixture[str]
) -> None:
    """B has not heard of ten joins and two calls; A is cut off, and believes in itself. Then the other way round."""
    period = await room_of(database)
    async with hall(database, fleet.url, HOLD_MS) as h, hall(database, fleet.a.url, HOLD_MS) as cut_off:
        people = await join(h, range(20))
        called = await call(h, 3)
        until(lambda: fleet.follows(fleet.b), FOUND_SECONDS, "B has all of it")
        await cut_off.join("w0")

        with fleet.behind(fleet.b):
            people |= await join(h, range(20, 30))
            called += await call(h, 2)
            fleet.a.signal(signal.SIGSTOP)
        until(lambda: fleet.names(fleet.b), FOUND_SECONDS, "the Sentinels name B")
        people |= await join(h, range(30, 35))
        mark = (await read_period(database, period)).mark

        fleet.a.signal(signal.SIGCONT)
        assert fleet.a.role() == "master"
        late = [(await cut_off.join(f"w{n}")).ticket.number for n in range(1, 5)]
        assert set(late).isdisjoint(people), "a number was given by both"
        assert (await read_period(database, period)).mark == mark
        await all_keep_their_numbers(h, people, called)
        await hold_passes(h)

        await asyncio.to_thread(fleet.rejoin, fleet.a, fleet.b)
        with fleet.behind(fleet.a):
            people |= await join(h, range(35, 45))
            fleet.b.stop()
        until(lambda: fleet.names(fleet.a), FOUND_SECONDS, "the Sentinels name A again")
        people |= await join(h, range(45, 50))
        assert len(people) == 50
        rows = await rows_of(database, period)
        await all_keep_their_numbers(h, people, [number for number in rows if number in people])
        await kept(h, database, sqlite_url)


async def test_without_the_fence_a_number_comes_twice(
    database: Database, two: ServerPair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: scripts that compare neither epoch nor replid go on where the replica had got to."""
    unfenced = tmp_path / "lua"
    shutil.copytree(store.LUA, unfenced)
    fence = (unfenced / "fence.lua").read_text()
    for compared, instead in (
        ("if known[1] ~= ARGV[1] then return true end", "if not known[1] then return true end"),
        ("return known[2] ~= replid(info) and not renamed(info, known[3])", "return false"),
    ):
        assert compared in fence
        fence = fence.replace(compared, instead)
    (unfenced / "fence.lua").write_text(fence)
    monkeypatch.setattr(store, "LUA", unfenced)
    await room_of(database)
    async with hall(database, two.a.url) as h, hall(database, two.b.url) as after:
        await join(h, range(20))
        until(lambda: two.follows(two.b), FOUND_SECONDS, "B has all of it")
        with two.behind(two.b):
            lost = await join(h, range(20, 30))
            two.a.stop()
        two.b.ask("REPLICAOF", "NO", "ONE")
        assert set(await join(after, range(30, 40))) & set(lost)


async def on_both(database: Database, two: ServerPair, *, named: bool) -> tuple[list[bool], list[set[int]]]:
    """A rebuild on A is sent again to B, which has just taken over: who takes it, and what numbers both then give."""
    period = await room_of(database)
    async with hall(database, two.a.url) as h, hall(database, two.b.url) as other:
        await h.join("a")
        until(lambda: two.follows(two.b), FOUND_SECONDS, "B has the line")
        two.b.ask("REPLICAOF", "NO", "ONE")
        server = await h.room.line.server(period.uid)
        await set_period(database, period, epoch=2, mark=200)
        row = await read_period(database, period)
        done = [await h.room.line.rebuild(row, b"", 0, server)]
        done += [
            await other.room.line.rebuild(
                row, b"", 0, server if named else await other.room.line.server(row.uid)
            )
        ]
        given = [set(await join(h, range(10)))]
        if done[1]:
            # Both stand in one epoch: a tick copies the row, with a mark that either of them has raised.
            await other.room.line.copy(await read_period(database, period))
        return done, [*given, set(await join(other, range(10, 20)))]


async def test_an_epoch_stands_on_one_server_only(database: Database, two: ServerPair) -> None:
    """A rebuild that was under way when another server took over, sent again, is refused there."""
    done, (one, other) = await on_both(database, two, named=True)
    assert done == [True, False]
    assert one.isdisjoint(other)


async def test_on_two_servers_an_epoch_would_give_numbers_twice(database: Database, two: ServerPair) -> None:
    """Twin: when whichever server answers takes it, both give the same numbers above the mark."""
    done, (one, other) = await on_both(database, two, named=False)
    assert done == [True, True]
    assert one & other


async def test_a_server_that_follows_another_is_asked_for_nothing(
    database: Database, two: ServerPair
) -> None:
    """It may be behind: not even a look at its line. To a process it is one that is away."""
    period = await room_of(database)
    async with hall(database, two.a.url) as h, hall(database, two.b.url) as other:
        await h.join("a")
        until(lambda: two.follows(two.b), FOUND_SECONDS, "B has the line")
        with pytest.raises(Unavailable) as refused:
            await other.room.line.snapshot(period.uid, 1)
        assert isinstance(refused.value.__cause__, ReadOnlyError)
        await h.room.line.snapshot(period.uid, 1)


def yesterday(server: Valkey, into: Path) -> None:
    """A copy of its file as it is now."""
    shutil.copytree(server.data, into, ignore=shutil.ignore_patterns("*.sock"))


async def test_a_server_that_starts_with_yesterdays_file(
    database: Database, sqlite_url: str, valkey: Valkey, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of an older epoch, with fewer numbers and no calls: no number comes again, order and calls stay."""
    period = await room_of(database)
    async with hall(database, valkey.url, HOLD_MS) as h:
        people = await join(h, range(10))
        yesterday(valkey, tmp_path / "old")
        people |= await join(h, range(10, 20))
        called = await call(h, 3)
        await h.redis.flushall()
        people |= await join(h, range(20, 30))
        epoch = (await read_period(database, period)).epoch
        valkey.kill()
        shutil.rmtree(valkey.data)
        shutil.copytree(tmp_path / "old", valkey.data)
        valkey.start()
        more = await join(h, range(30, 40))
        assert set(more).isdisjoint(people)
        assert min(more) > max(people)
        assert (await read_period(database, period)).epoch == epoch + 1
        await all_keep_their_numbers(h, people | more, called)
        await hold_passes(h)
        await kept(h, database, sqlite_url)
