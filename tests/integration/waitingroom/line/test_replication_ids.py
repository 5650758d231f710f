"""A healthy primary takes another replication id: that is no loss. A promotion is one, also one that nobody saw."""

import asyncio
from collections.abc import Iterator

import pytest

from foundation.sql.database import Database
from tests.conftest import until
from tests.integration.waitingroom.line.test_failover import call, join
from tests.support.processes.fleets import ServerPair, pair
from tests.support.processes.postgres import START_SECONDS
from tests.support.rooms import Hall, hall, make_period, read_period
from waitingroom.line import store

HOLD_MS = 35_000


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """SQL's part in an epoch is tested on both stores elsewhere."""
    return sqlite_url


@pytest.fixture
def two() -> Iterator[ServerPair]:
    """A and B, where A forgets its replicas after a second instead of an hour."""
    with pair() as started:
        started.a.ask("CONFIG", "SET", "repl-backlog-ttl", "1")
        yield started


def replication_id(two: ServerPair) -> str:
    return str(two.a.ask("INFO", "replication")["master_replid"])


def alone(two: ServerPair) -> None:
    """B goes away, and A forgets that it had a replica: its id is another one."""
    before = replication_id(two)
    two.b.stop()
    until(lambda: replication_id(two) != before, START_SECONDS, "A has another id")


def followed(two: ServerPair) -> None:
    """B comes back as the first replica: A's id is another one again."""
    before = replication_id(two)
    two.b.start()
    until(lambda: two.follows(two.b), START_SECONDS, "B follows A")
    assert replication_id(two) != before


async def after_both(database: Database, two: ServerPair) -> tuple[int, list[int], list[int]]:
    """A loses its last replica, then gets its first: by how many epochs, the numbers given, and who is called then."""
    period = await make_period(database, calls_per_minute=180)
    async with hall(database, two.a.url, HOLD_MS) as h:
        people = await join(h, range(6))
        before = (await read_period(database, period)).epoch
        first, called = await call(h, 1), list[int]()
        for change in (alone, followed):
            await asyncio.to_thread(change, two)
            people |= await join(h, range(len(people), len(people) + 2))
            await h.advance(400)
            called += (await h.turn()).called
        assert first + called == list(range(1, len(first + called) + 1))
        return (await read_period(database, period)).epoch - before, sorted(people), called


async def test_a_first_replica_and_the_end_of_the_last_cost_no_hold(
    database: Database, two: ServerPair
) -> None:
    """A has another id twice: the same epoch, the next number, the next call."""
    epochs, numbers, called = await after_both(database, two)
    assert (epochs, numbers) == (0, list(range(1, 11)))
    assert called


def with_fence(monkeypatch: pytest.MonkeyPatch, old: str, new: str) -> None:
    """From here on scripts are loaded with this of the fence changed."""
    text = store.script

    def changed(name: str) -> str:
        assert old in text("join")
        return text(name).replace(old, new)

    monkeypatch.setattr(store, "script", changed)


async def test_without_telling_them_apart_both_would_cost_a_hold(
    database: Database, two: ServerPair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: when any other id is a loss, a new epoch begins each time, and nobody is called."""
    with_fence(monkeypatch, "and not renamed(info, known[3])", "")
    epochs, numbers, called = await after_both(database, two)
    assert (epochs, called) == (2, [])
    assert max(numbers) > 200


async def unseen_promotion(database: Database, two: ServerPair) -> tuple[set[int], set[int], int]:
    """B, which lacks A's last joins, leads for a moment in which nobody asks; then A again, until that is forgotten.

    The numbers that were lost, those given afterwards, and by how many epochs that was.
    """
    period = await make_period(database)
    async with hall(database, two.a.url) as h:
        await join(h, range(5))
        await asyncio.to_thread(until, lambda: two.follows(two.b), START_SECONDS, "B has the line")
        epoch = (await read_period(database, period)).epoch
        two.b.ask("REPLICAOF", "NO", "ONE")
        lost = set(await join(h, range(5, 10)))
        two.a.ask("REPLICAOF", "127.0.0.1", str(two.b.port))
        await asyncio.to_thread(until, lambda: two.follows(two.a), START_SECONDS, "A follows B")
        two.a.ask("REPLICAOF", "NO", "ONE")
        two.b.stop()
        await asyncio.to_thread(until, lambda: forgotten(two), START_SECONDS, "A knows of no other id")
        given = set(await join(h, range(10, 15)))
        return lost, given, (await read_period(database, period)).epoch - epoch


def forgotten(two: ServerPair) -> bool:
    return not str(two.a.ask("INFO", "replication")["master_replid2"]).strip("0")


async def test_a_promotion_that_nobody_saw_is_a_loss(database: Database, two: ServerPair) -> None:
    """A has the run id of the epoch and remembers no other id, but it took its data from B: numbers go on above."""
    lost, given, epochs = await unseen_promotion(database, two)
    assert epochs == 1
    assert min(given) > max(lost)


async def test_by_its_run_id_alone_such_a_server_would_give_numbers_twice(
    database: Database, two: ServerPair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: without what it took from a primary it looks like one that was only renamed."""
    with_fence(monkeypatch, "run .. ':' .. taken or ''", "run or ''")
    lost, given, epochs = await unseen_promotion(database, two)
    assert epochs == 0
    assert lost & given


async def test_a_promotion_is_a_loss_while_the_other_id_is_known(two: ServerPair, database: Database) -> None:
    """A leads, then B, then A, whose second id is B's: the next script there answers STALE."""
    period = await make_period(database)
    two.a.ask("CONFIG", "SET", "repl-backlog-ttl", "3600")
    async with hall(database, two.a.url) as h:
        await join(h, range(3))
        epoch = (await read_period(database, period)).epoch
        two.b.ask("REPLICAOF", "NO", "ONE")
        two.a.ask("REPLICAOF", "127.0.0.1", str(two.b.port))
        await asyncio.to_thread(until, lambda: two.follows(two.a), START_SECONDS, "A follows B")
        two.a.ask("REPLICAOF", "NO", "ONE")
        assert not forgotten(two)
        await next_number(h, above=3)
        assert (await read_period(database, period)).epoch == epoch + 1


async def next_number(h: Hall, above: int) -> None:
    assert (await h.join("late")).ticket.number > above
