"""The look that all web processes share, on a real server: what a read of the whole line would show at that moment.

Lines are short here, and shared all the same: nothing is special about a line of a million but its size.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from redis.asyncio import Redis

from config.processes.embedded import Valkey
from foundation.errors import Stale
from foundation.sql.database import Database
from quota.store import Period
from tests.conftest import START_SECONDS, until
from tests.support.processes.fleets import ServerPair, pair
from tests.support.rooms import Hall, hall, make_period, read_period, set_period
from waitingroom.line import shared_look, store
from waitingroom.line.replies import JoinReply
from waitingroom.line.shared_look import SharedLook
from waitingroom.line.snapshot import Snapshot, bitmap
from waitingroom.line.store import Join, Seen

FAR = 10**15

MOST = 5000
"""Numbers may be given up to here."""

TOGETHER = 500
"""Joins of one script."""

IDS = "epoch == ARGV[1] and "

VERSIONS = "if i == 1 and entry[2] ~= before then break end"


@pytest.fixture(autouse=True)
def shared_when_short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every line here is long."""
    monkeypatch.setattr(shared_look, "SHORT_LINE", 0)


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A look whenever somebody asks, so that each can be compared with a read of the whole line."""
    monkeypatch.setattr(shared_look, "LOOK_GAP_MS", 0)


class Onlooker:
    """A web process's view of one line."""

    def __init__(self, h: Hall, period: Period) -> None:
        self.h, self.uid = h, period.uid
        self.held: SharedLook | None = None

    async def look(self, epoch: int = 1) -> Snapshot:
        self.held = await self.h.room.line.look(self.uid, epoch, self.held)
        assert self.held is not None
        return self.held.snapshot

    async def sees_all(self, epoch: int = 1) -> None:
        """What it holds after a look is what stands there, of everybody."""
        shared, whole = await self.look(epoch), await self.h.room.line.snapshot(self.uid, epoch)
        assert told(shared) == told(whole)


def told(look: Snapshot) -> tuple[object, ...]:
    """All that a look says; zeros at the end of a bitmap say nothing."""
    bits = (bits.rstrip(b"\0") for bits in (look.front, look.parked, look.gone))
    return look.seq, look.state, look.waiting, *bits, look.standings(range(look.seq + 9))


@asynccontextmanager
async def line_of(database: Database, redis_url: str) -> AsyncIterator[tuple[Hall, Period]]:
    period = await make_period(database)
    async with hall(database, redis_url) as h:
        assert await h.room.epochs.current(period.uid) == 1
        await h.room.epochs.raise_mark(period.uid, MOST)
        yield h, await h.period()


async def joined(h: Hall, period: Period, people: range, epoch: int = 1) -> None:
    for start in range(people.start, people.stop, TOGETHER):
        joins = [Join((f"v{one}",)) for one in range(start, min(start + TOGETHER, people.stop))]
        replies = await h.room.line.join(period.uid, epoch, 0, FAR, joins)
        assert all(code == JoinReply.NEW for code, _ in replies)


async def beaten(h: Hall, period: Period, milliseconds: int) -> None:
    """The beat moves by so much, at most a step."""
    await h.redis.hincrby(f"wr1:{{{period.uid}}}:state", "ticked", -milliseconds)
    await h.room.line.tick(period.uid, 1)


async def lived(h: Hall, period: Period, chance: random.Random, people: int) -> None:
    """Something that happens to a line."""
    line, uid, seq = h.room.line, period.uid, (await h.look()).seq
    some = [number for number in range(1, seq + 1) if chance.random() < 0.1]
    match chance.choice(("join", "mark", "mark", "gone", "tick", "tick", "seen", "slot")):
        case "join":
            await joined(h, period, range(people, people + chance.randint(1, 90)))
        case "mark":
            await line.mark(uid, 1, bitmap(some))
        case "gone":
            await line.gone(uid, 1, some[:5])
        case "tick":
            await beaten(h, period, 1500)
        case "seen" if some:
            await line.seen(uid, 1, [Seen(number, f"s{number}") for number in some])
        case "slot":
            await h.redis.hincrby(f"wr1:{{{uid}}}:state", "beat", 15_000)
            await beaten(h, period, 2000)


@pytest.mark.parametrize("seed", range(6))
async def test_readers_that_miss_looks_have_what_a_whole_read_has(
    on_sqlite: Database, redis_url: str, at_once: None, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Joins, calls, returns, slots of presence that run out; three readers that look when they like, a fourth that
    comes late, and fewer looks kept than some of them miss."""
    monkeypatch.setattr(shared_look, "LOOKS_KEPT", 4)
    chance = random.Random(seed)
    async with line_of(on_sqlite, redis_url) as (h, period):
        readers = [Onlooker(h, period) for _ in range(4)]
        for step in range(60):
            await lived(h, period, chance, 1000 * (step + 1))
            for at, reader in enumerate(readers):
                if chance.random() < 0.8 / (at + 1) and (at < 3 or step > 30):
                    await reader.sees_all()
        for reader in readers:
            await reader.sees_all()


async def test_what_comes_is_what_changed(on_sqlite: Database, redis_url: str, at_once: None) -> None:
    """Of 4,000 people one parks and one is called: some bytes, not the line."""
    async with line_of(on_sqlite, redis_url) as (h, period):
        await joined(h, period, range(4000))
        reader = Onlooker(h, period)
        await reader.look()
        await h.room.line.gone(period.uid, 1, [7])
        await reader.sees_all()
        changes: Any = await h.redis.xrevrange(store.look_keys(period.uid)[19], count=2)
        (_, last), (_, first) = changes
        assert sum(map(len, (last[b"waiting"], last[b"front"], last[b"gone"]))) <= 6
        assert len(first[b"waiting"]) <= 501 + 2 * 4, "those who came one after the other are a run a window"


async def test_a_reader_from_before_all_that_is_kept_gets_the_bitmaps(
    on_sqlite: Database, redis_url: str, at_once: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It missed more looks than are kept; in each one parked and another came back, so that no count tells."""
    async with missed(on_sqlite, redis_url, monkeypatch) as reader:
        await reader.sees_all()


async def test_without_the_comparison_of_looks_it_would_show_places_of_nobody(
    on_sqlite: Database, redis_url: str, at_once: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: what changed since a later look, put upon the one that it holds."""
    monkeypatch.setattr(store, "script", without(VERSIONS))
    async with missed(on_sqlite, redis_url, monkeypatch) as reader:
        with pytest.raises(AssertionError):
            await reader.sees_all()


def without(protection: str) -> Callable[[str], str]:
    """`script`, where the one of looks has lost this."""
    whole = store.script

    def changed(name: str) -> str:
        text = whole(name)
        assert (protection in text) == (name == "look")
        return text.replace(protection, "")

    return changed


@asynccontextmanager
async def missed(database: Database, redis_url: str, patch: pytest.MonkeyPatch) -> AsyncIterator[Onlooker]:
    """A reader that missed six looks, in each of which one parked and another came back, where three are kept."""
    patch.setattr(shared_look, "LOOKS_KEPT", 3)
    async with line_of(database, redis_url) as (h, period):
        await joined(h, period, range(400))
        await h.absent(*range(3, 9))
        reader, other = Onlooker(h, period), Onlooker(h, period)
        await reader.look()
        for step in range(6):
            await h.absent(200 + step)
            await h.room.line.mark(period.uid, 1, bitmap([3 + step]))
            await other.look()
        yield reader


async def test_four_looks_at_once_are_made_and_then_one_each_quarter_of_a_second(
    on_sqlite: Database, redis_url: str
) -> None:
    """Up to four processes have what they have had; however many there are, no more is made, and all get the last."""
    async with line_of(on_sqlite, redis_url) as (h, period):
        await joined(h, period, range(9))
        readers = [Onlooker(h, period) for _ in range(12)]
        for reader in readers:
            await reader.look()
        held = [reader.held for reader in readers if reader.held]
        assert len({one.id for one in held}) == 4
        assert [one.age_ms for one in held[:4]] == [0] * 4
        await joined(h, period, range(9, 18))
        before = held[-1]
        async with asyncio.timeout(5):
            while (after := await h.room.line.look(period.uid, 1, before)) and after.id == before.id:
                assert after.age_ms <= shared_look.LOOK_GAP_MS
                await asyncio.sleep(0.01)
        assert after is not None and after.snapshot.seq == 18
        assert (
            after.snapshot.taken_at - before.snapshot.taken_at >= shared_look.LOOK_GAP_MS - 60
        )  # it counts from when the last was asked for


async def test_a_clock_that_steps_stops_no_looks(on_sqlite: Database, redis_url: str) -> None:
    """Looks made an hour ahead of the clock are followed by one of now."""
    async with line_of(on_sqlite, redis_url) as (h, period):
        await joined(h, period, range(3))
        reader = Onlooker(h, period)
        for _ in range(6):
            await reader.look()
        look = store.look_keys(period.uid)[15]
        for field in ("taken", "due"):
            await h.redis.hincrby(look, field, 3_600_000)
        await joined(h, period, range(3, 6))
        assert (await reader.look()).seq == 6


async def test_whoever_dies_while_it_makes_a_look_takes_nothing_along(
    on_sqlite: Database, redis_url: str, at_once: None
) -> None:
    """It asks and hangs up, killed as it were: the look is made whole or not at all, and others go on from theirs."""
    async with line_of(on_sqlite, redis_url) as (h, period):
        await joined(h, period, range(300))
        reader = Onlooker(h, period)
        await reader.look()
        for start in range(300, 900, 100):
            await joined(h, period, range(start, start + 100))
            async with hall(h.db, redis_url) as dying:
                asked = asyncio.ensure_future(dying.room.line.look(period.uid, 1))
                for _ in range(start // 100):
                    await asyncio.sleep(0)
                asked.cancel()
                await asyncio.gather(asked, return_exceptions=True)
            await reader.sees_all()


async def test_after_a_loss_nobody_shows_a_place_in_the_line_that_was(
    on_sqlite: Database, redis_url: str
) -> None:
    """Everything is lost, and looks with it: the next one is of the next epoch, in which nobody waits yet."""
    async with line_of(on_sqlite, redis_url) as (h, period):
        await joined(h, period, range(50))
        looks, current = h.room.looks, await h.period()
        before = await looks.look(current, 0.0)
        assert before is not None and before.snapshot.waiting == 50
        await h.redis.flushall()
        after = await looks.look(current, 0.0)
        assert after is not None and after.snapshot.waiting == 0
        held = looks._held[period.uid]
        assert held.id.startswith("2-")


async def taken_over(h: Hall, period: Period) -> Onlooker:
    """Looks enough that none is due, then an epoch in which number 1 is gone."""
    await joined(h, period, range(50))
    reader = Onlooker(h, period)
    for _ in range(6):
        await reader.look()
    await set_period(h.db, period, epoch=2)
    server = await h.room.line.server(period.uid)
    assert await h.room.line.rebuild(await read_period(h.db, period), bitmap([1]), 0, server)
    return reader


async def test_the_first_look_of_an_epoch_is_made_in_it(on_sqlite: Database, redis_url: str) -> None:
    """However young the last one is, it is of an epoch that has ended; what changed since is what comes."""
    async with line_of(on_sqlite, redis_url) as (h, period):
        reader = await taken_over(h, period)
        with pytest.raises(Stale):
            await reader.look(1)
        await reader.sees_all(2)
        assert reader.held is not None and reader.held.id.startswith("2-")


async def test_without_the_comparison_of_epochs_the_old_line_would_be_shown(
    on_sqlite: Database, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: a look of the epoch before counts as one of now."""
    monkeypatch.setattr(store, "script", without(IDS))
    async with line_of(on_sqlite, redis_url) as (h, period):
        reader = await taken_over(h, period)
        assert (await reader.look(2)).standings([1]) == [0], "number 1 has been called"


@pytest.fixture
def two() -> Iterator[ServerPair]:
    with pair() as started:
        yield started


async def test_a_look_that_a_replica_never_heard_of_is_begun_anew(
    on_sqlite: Database, two: ServerPair, at_once: None
) -> None:
    """The replica that takes over misses the last joins and the last looks. Two readers hold one that it has, and one
    that it has not: both show its line, and nothing of the other's."""
    async with line_of(on_sqlite, two.a.url) as (h, period):
        early, late = Onlooker(h, period), Onlooker(h, period)
        await joined(h, period, range(100))
        await early.look()
        until(lambda: two.follows(two.b), START_SECONDS, "B has that look")
        with two.behind(two.b):
            await joined(h, period, range(100, 140))
            await late.look()
            two.a.stop()
        two.b.ask("REPLICAOF", "NO", "ONE")
    async with hall(on_sqlite, two.b.url) as h:
        early.h = late.h = h
        assert await h.room.epochs.current(period.uid) == 2
        await h.room.epochs.raise_mark(period.uid)
        await joined(h, period, range(200, 210), epoch=2)
        await early.sees_all(2)
        await late.sees_all(2)
        assert late.held is not None and late.held.snapshot.waiting == 110


async def test_a_server_that_takes_no_writes_is_read_whole(on_sqlite: Database, valkey: Valkey) -> None:
    """Out of memory it still shows everybody their place."""
    async with line_of(on_sqlite, valkey.url) as (h, period), Redis.from_url(valkey.url) as operator:
        await joined(h, period, range(30))
        looks, current = h.room.looks, await h.period()
        await looks.look(current, 0.0)
        assert period.uid in looks._held
        await operator.config_set("maxmemory", 1)
        look = await looks.look(current, 0.0)
        assert look is not None and look.snapshot.waiting == 30 and look.age_seconds() < 1
        assert period.uid not in looks._held
        await operator.config_set("maxmemory", 0)
        await looks.look(current, 0.0)
        assert period.uid in looks._held


async def test_looks_go_by_themselves(on_sqlite: Database, redis_url: str) -> None:
    """All of their keys have an end, the same for all."""
    async with line_of(on_sqlite, redis_url) as (h, period):
        await joined(h, period, range(9))
        await h.room.line.gone(period.uid, 1, [1])
        await Onlooker(h, period).look()
        names = store.look_keys(period.uid)
        ends = [await h.redis.pexpiretime(name) for name in names[15:20]]
        assert len(set(ends)) == 1 and ends[0] > 0
        assert not await h.redis.exists(names[14]) and not await h.redis.exists(names[20])
