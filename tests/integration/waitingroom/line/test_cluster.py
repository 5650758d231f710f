"""The line on a Cluster of three primaries: each period whole on one of them. Real servers."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from config.settings import WrongSetting, refuse_evicting
from config.stores import open_redis
from foundation.errors import Unavailable
from foundation.sql.database import Database
from tests.support.processes.fleets import FleetServer, cluster, cluster_url
from tests.support.rooms import hall, make_period
from waitingroom.line.store import Line

MOST_SECONDS = 240
"""The room's tests need some 20 s where nobody else is at work."""

ON_A_CLUSTER = [
    Path(__file__).parent.parent / f"{name}.py"
    for name in (
        "line/test_store", "line/test_epochs", "line/test_journal", "joins/test_joins", "joins/test_numbers",
        "draw/test_scripts", "test_calls", "test_leaves", "test_presence", "test_position_reader", "test_period_cache",
    )
]  # fmt: skip


@pytest.fixture(scope="module")
def nodes() -> Iterator[list[FleetServer]]:
    with cluster() as started:
        yield started


@pytest.fixture
async def database(sqlite_url: str) -> AsyncIterator[Database]:
    """The line never sees SQL; one store is enough."""
    opened = Database(sqlite_url)
    yield opened
    await opened.close()


async def test_periods_live_on_different_servers(database: Database, nodes: list[FleetServer]) -> None:
    """Numbers, presence, sockets and calls of six periods at once; every key of one is on one server."""
    uids = [f"{n:016x}" for n in range(6)]
    for n, uid in enumerate(uids):
        await make_period(database, uid=uid, id=f"essai-{n}", ordinal=n + 1, calls_per_minute=1)
    async with hall(database, cluster_url(nodes)) as h:
        await h.room.line.ping()
        assert await h.room.line.time() > 0
        for n, uid in enumerate(uids):
            period = await h.period(f"essai-{n}")
            joined = [await h.room.joins.join(period, None, None, f"v{m}") for m in range(3)]
            assert [one.ticket.number for one in joined] == [1, 2, 3]
            assert await h.room.line.sockets(uid, "p", [(1, 1)], 3) == [True]
            assert (await h.room.calls.turn(period, served=True)).called == [1]
            assert [entry.kind for entry in await h.room.line.journal(uid)] == ["join"] * 3
    homes = {uid: {node.port for node in nodes if node.ask("KEYS", f"*{uid}*")} for uid in uids}
    assert [len(ports) for ports in homes.values()] == [1] * 6
    assert len(set.union(*homes.values())) > 1


async def test_one_dropping_server_of_a_cluster_is_enough(nodes: list[FleetServer]) -> None:
    """At start each primary is looked at, and later each connection: the one that drops keys counts as away."""
    nodes[1].ask("CONFIG", "SET", "maxmemory-policy", "volatile-lru")
    unlooked, looked = open_redis(cluster_url(nodes), refusing=False), open_redis(cluster_url(nodes))
    try:
        with pytest.raises(WrongSetting, match="volatile-lru"):
            await refuse_evicting(unlooked)
        with pytest.raises(Unavailable):
            await Line(looked).ping()
    finally:
        nodes[1].ask("CONFIG", "SET", "maxmemory-policy", "noeviction")
    await refuse_evicting(unlooked)
    await Line(looked).ping()
    await unlooked.aclose()
    await looked.aclose()


async def test_a_cluster_that_is_away_is_unavailable() -> None:
    """As any Redis that is away: nothing but Unavailable reaches the callers."""
    redis = open_redis("redis+cluster://127.0.0.1:1,127.0.0.1:2")
    line = Line(redis)
    for ask in (line.ping, line.time, lambda: line.snapshot("uid", 1)):
        with pytest.raises(Unavailable):
            await ask()
    await redis.aclose()


def test_the_tests_for_a_cluster_are_there() -> None:
    """What runs them is slow; that one was moved shows here, at once."""
    assert [path for path in ON_A_CLUSTER if not path.exists()] == []


@pytest.mark.slow
def test_the_rooms_tests_hold_on_a_cluster() -> None:
    """Every test of the room, of calls and of scripts once more, with a Cluster behind `redis_url`."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *map(str, ON_A_CLUSTER)],
        env=os.environ | {"TESTS_ON": "cluster"}, capture_output=True, text=True, timeout=MOST_SECONDS,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:]
