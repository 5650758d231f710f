"""The real servers that tests work against, and a fresh database for each test.

    redis_url      a URL of the session's Valkey (or Cluster, see below), emptied before the test
    valkey         a Valkey of the test's own, which it may kill, stop and start
    database_url   of a fresh, migrated database; the test runs once on SQLite and once on PostgreSQL
    database       the same, opened as quota.store.Database
    sqlite_url, postgresql_url   for a test that needs one of the two only
    battlefield    the whole service on a port, for all attacks of a module (tests/support/people/attackers.py)
    limited        the same with the limits on

    chromium_path()  where a browser is, for tests marked `browser`: skipped without one, failed where CI is set

All servers listen on Unix sockets, end with the session, and end with this process even if it is killed.
"""

import asyncio
import functools
import gc
import os
import shutil
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio
import redis
from playwright.async_api import expect
from playwright.sync_api import sync_playwright

from config.migrations import migrate
from config.processes.embedded import Valkey
from foundation import doorbell
from foundation.mail import sealing
from foundation.sql.database import Database
from tests.support.people.attackers import Ground, ground
from tests.support.processes import compiled, reversed_rows
from tests.support.processes.emptied import EmptiedDatabases
from tests.support.processes.postgres import FORGETFUL, postgresql
from tests.support.processes.postgres import START_SECONDS as START_SECONDS
from tests.support.rooms import KEYS

T = TypeVar("T")

# Whatever posts mail in a test encrypts it with the tests' keys, as a process does with its own.
sealing.seal_with(KEYS)

# A quarter of what tests on stores cost.
compiled.share()

# Whoever leans on an order that nobody asked for fails here, not one day on PostgreSQL.
reversed_rows.share()

# What a page will show it shows at once, or with its next question to the server, which may be 20 s away.
expect.set_options(timeout=25_000)


def apart(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on a loop and thread of its own, so that fixtures leave the test's loop alone."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def until(true: Callable[[], object], seconds: float, what: str) -> None:
    """Wait until something is so; fail the test with `what` after the deadline."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"after {seconds:.0f} s still not so: {what}"
        threading.Event().wait(0.02)


CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@functools.cache
def chromium_path() -> str:
    """The system's Chromium, otherwise the one that Playwright installed; empty when there is none."""
    for name in CHROMIUMS:
        if found := shutil.which(name):
            return found
    with sync_playwright() as play:
        own = play.chromium.executable_path
    return own if Path(own).exists() else ""


# Below `faulthandler_timeout`, which ends the whole run and shows threads; of a coroutine that waits it shows nothing.
ASYNC_TEST_SECONDS = 150

PATIENT_SECONDS = 30.0


def bounded(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., Coroutine[Any, Any, None]]:
    """The same test, failing where it stands when it waits for what never comes."""

    @functools.wraps(test)
    async def within(*values: Any, **named: Any) -> None:
        async with asyncio.timeout(ASYNC_TEST_SECONDS):
            await test(*values, **named)

    return within


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a browser its tests are skipped on a desk; where CI is set they run, and fail. Coroutines have an end."""
    for item in items:
        if isinstance(item, pytest.Function) and not item.get_closest_marker("slow"):
            item.obj = bounded(item.obj) if asyncio.iscoroutinefunction(item.obj) else item.obj
    marked = [item for item in items if item.get_closest_marker("browser")]
    if marked and not chromium_path() and not os.environ.get("CI"):
        for item in marked:
            item.add_marker(pytest.mark.skip(reason="no Chromium here: `make test` looks for one"))


def pytest_collection_finish() -> None:
    """What was loaded stays to the end: there is nothing in it for the garbage collector to look through."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def short_folder() -> Iterator[Path]:
    """A folder whose path is short enough for Unix sockets."""
    folder = Path(tempfile.mkdtemp(prefix="gt-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def session_valkey(short_folder: Path) -> Iterator[Valkey]:
    server = Valkey(short_folder / "valkey")
    server.start(deadline_seconds=START_SECONDS)
    yield server
    server.stop()


@pytest.fixture
def patient_bell(monkeypatch: pytest.MonkeyPatch) -> float:
    """The doorbell waits for as long as a test does, not for less than a second: on a machine that has much else to
    do Redis and our threads take longer, and that is another test's subject. Seconds, also for the queue's client."""
    monkeypatch.setattr(doorbell, "QUEUE_SECONDS", PATIENT_SECONDS)
    return PATIENT_SECONDS


@pytest.fixture(scope="session")
def session_cluster() -> Iterator[str]:
    """A Cluster of three primaries."""
    from tests.support.processes import fleets

    with fleets.cluster() as nodes:
        yield fleets.cluster_url(nodes)


@pytest.fixture
def redis_url(request: pytest.FixtureRequest) -> str:
    """The session's Valkey, empty; where TESTS_ON is `cluster`, a Cluster."""
    if os.environ.get("TESTS_ON") == "cluster":
        url: str = request.getfixturevalue("session_cluster")
        with redis.RedisCluster.from_url(url.replace("+cluster", "").partition(",")[0]) as cluster:
            cluster.flushall()
        return url
    session_valkey: Valkey = request.getfixturevalue("session_valkey")
    with redis.Redis.from_url(session_valkey.url) as client:
        client.flushall()
    return session_valkey.url


@pytest.fixture
def valkey() -> Iterator[Valkey]:
    """A Valkey of the test's own: `kill`, `stop`, `start`."""
    folder = Path(tempfile.mkdtemp(prefix="gt-"))
    server = Valkey(folder / "valkey")
    server.start(deadline_seconds=START_SECONDS)
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    apart(migrate(f"sqlite:///{path}"))
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    path = tmp_path / f"{uuid4().hex[:8]}.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """A PostgreSQL without fsync, on a Unix socket; the value is that socket's folder."""
    with postgresql(*FORGETFUL) as folder:
        yield folder


async def administer(folder: str, *statements: str) -> None:
    connection = await asyncpg.connect(host=folder, user="postgres", database="postgres")
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: str) -> str:
    """The name of a migrated database to copy."""
    apart(administer(postgresql_server, "create database migrated"))
    apart(migrate(f"postgresql://postgres@/migrated?host={postgresql_server}"))
    return "migrated"


@pytest.fixture(scope="session")
def postgresql_databases(postgresql_server: str, postgresql_template: str) -> Iterator[EmptiedDatabases]:
    """Copies of the migrated database that are emptied and used again."""
    databases = EmptiedDatabases(postgresql_server, postgresql_template)
    yield databases
    databases.close()


@pytest.fixture
def postgresql_url(postgresql_server: str, postgresql_databases: EmptiedDatabases) -> Iterator[str]:
    name = postgresql_databases.take()
    yield f"postgresql://postgres@/{name}?host={postgresql_server}"
    postgresql_databases.give_back(name)


@pytest.fixture
def empty_postgresql_url(postgresql_server: str) -> Iterator[str]:
    """A database without tables, for the tests of migrations."""
    name = f"empty_{uuid4().hex[:12]}"
    apart(administer(postgresql_server, f"create database {name}"))
    yield f"postgresql://postgres@/{name}?host={postgresql_server}"
    apart(administer(postgresql_server, f"drop database {name} with (force)"))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh, migrated database; a test that asks for it runs on both stores."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    yield opened
    await opened.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def battlefield(
    sqlite_template: Path, session_valkey: Valkey, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Ground]:
    """One service for the module's attacks, each of which has a period of its own."""
    async with ground(sqlite_template, tmp_path_factory.mktemp("attacks"), session_valkey.url) as one:
        yield one


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def limited(
    sqlite_template: Path, session_valkey: Valkey, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Ground]:
    """The same service with its limits on."""
    folder = tmp_path_factory.mktemp("limited")
    async with ground(sqlite_template, folder, session_valkey.url, limits=True) as one:
        yield one
