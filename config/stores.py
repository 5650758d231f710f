"""The stores of a process, opened from settings: SQL, the line's Redis, the queue's Redis.

Redis is one server, the primary that Sentinels name, or a Cluster (`config/topology.py`). Whatever it is, it fails the
same way: within ANSWER_SECONDS, with one of redis-py's errors, and the next question looks for the primary again.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any

import redis as queues
import structlog
from redis.asyncio import BlockingConnectionPool, Redis, RedisCluster
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.connection import AbstractConnection, parse_url
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import (
    MasterNotFoundError,
    Sentinel,
    SentinelConnectionPool,
    SentinelManagedConnection,
    SentinelManagedSSLConnection,
)
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisAway
from redis.exceptions import NoPermissionError, RedisClusterException, RedisError
from redis.retry import Retry as QueueRetry
from redis.sentinel import Sentinel as QueueSentinels

from config.settings import Settings, WrongSetting, refuse_policies
from config.topology import Servers, Topology, topology
from foundation.mail import sealing
from foundation.sql.database import Database

log = structlog.get_logger()

CONNECT_SECONDS = 1.0

ANSWER_SECONDS = 2.0

MOST_CONNECTIONS = 32
"""Joins and looks go out gathered, a few calls at a time: more connections would only wait inside Redis."""

FIND_SECONDS = 0.4
"""For the Sentinels, all at once, to say where the primary is: less than the half second that a Redis gets to answer in
when it was away (`waitingroom/line/store.py`), so that two Sentinels that are gone without a word are passed."""


class UnfitServer(RedisError):
    """A server that may drop keys, or does not let us see whether: to us it is away. The text says what to set."""


def open_redis(url: str, *, refusing: bool = True) -> Redis:
    """A client that gives up soon: a caller is told, and asks again. One retry covers a connection
    that the server closed while it was idle, and a failover that is over; every script may be repeated.

    `refusing` a server that drops keys at every new connection: who starts while Redis is away cannot look before.
    """
    where, first_step = topology(url), refuse_dropping if refusing else None
    if where.kind is Servers.CLUSTER:
        # Its users send scripts and single commands, which both kinds of client take alike.
        return Cluster(where, first_step)  # type: ignore[return-value]
    options: dict[str, Any] = {
        "max_connections": MOST_CONNECTIONS,
        "timeout": ANSWER_SECONDS,
        "socket_connect_timeout": CONNECT_SECONDS,
        "socket_timeout": ANSWER_SECONDS,
        "retry": Retry(NoBackoff(), 1),
        "redis_connect_func": first_step,
    }
    if where.kind is Servers.SENTINEL:
        return Redis.from_pool(Guided(where, options))
    return Redis.from_pool(BlockingConnectionPool.from_url(where.url, **options))


async def refuse_dropping(connection: AbstractConnection) -> None:
    """What a new connection does first. Raises UnfitServer."""
    await connection.on_connect()
    await connection.send_command("INFO", "memory")
    try:
        found = re.search(rb"maxmemory_policy:([a-z-]+)", bytes(await connection.read_response()))
        refuse_policies({found[1].decode()} if found else set())
    except (WrongSetting, NoPermissionError) as problem:
        log.error("redis_refused", reason=str(problem))
        raise UnfitServer(str(problem)) from None


class Sentinels(Sentinel):
    """Asks all of them at once, and believes the one that saw the latest failover.

    redis-py asks one after the other and takes the first answer: one that is gone without a word costs its whole time
    again and again, and one that was cut off with the old primary names that one for as long.
    """

    async def discover_master(self, service_name: str) -> tuple[str, int]:
        """The primary's address, once more than half have said it, or time is up. Raises MasterNotFoundError.

        More than half of them agreed to the last failover, so one at least of those who answer knows of it.
        """
        asking = {asyncio.create_task(self._asked(one, service_name)) for one in self.sentinels}
        states: list[dict[str, Any]] = []
        try:
            async with asyncio.timeout(FIND_SECONDS):
                while asking and 2 * len(states) <= len(self.sentinels):
                    done, asking = await asyncio.wait(asking, return_when=asyncio.FIRST_COMPLETED)
                    states += [state for task in done if (state := task.result())]
        except TimeoutError:
            pass
        finally:
            for task in asking:
                task.cancel()
        if not states:
            raise MasterNotFoundError(f"no Sentinel names a primary for {service_name!r}")
        newest = max(states, key=lambda state: int(state["config-epoch"]))
        return str(newest["ip"]), int(newest["port"])

    async def _asked(self, one: Redis, service: str) -> dict[str, Any] | None:
        """What this one says of the primary; None when it says nothing, or takes it for down."""
        try:
            states: Any = await one.sentinel_masters()
        except (RedisError, OSError):
            return None
        state: dict[str, Any] | None = states.get(service)
        return state if state and self.check_master_state(state, service) else None


class Guided(SentinelConnectionPool, BlockingConnectionPool):
    """Connections to the primary that the Sentinels name when the connection is made."""

    def __init__(self, where: Topology, options: dict[str, Any]) -> None:
        self.sentinels = Sentinels(where.servers, sentinel_kwargs=for_sentinels(where))  # type: ignore[no-untyped-call]
        kind = SentinelManagedSSLConnection if where.tls else SentinelManagedConnection
        options = {**common(where), **options, "connection_class": kind}
        super().__init__(where.service, self.sentinels, **options)  # type: ignore[no-untyped-call]

    async def aclose(self) -> None:
        await super().aclose()
        await self.sentinels.aclose()


class Cluster(RedisCluster):
    """redis-py's client for a Cluster, made to fail and to connect as the other one does.

    Every script names keys of one period, which share a hash tag and so a server.
    """

    def __init__(
        self, where: Topology, first_step: Callable[[AbstractConnection], Awaitable[None]] | None
    ) -> None:
        super().__init__(
            startup_nodes=[ClusterNode(host, port) for host, port in where.servers],
            ssl=where.tls,
            # A slot without a server is the business of the periods in it.
            require_full_coverage=False,
            # The servers of the address stay the ones that are asked for the map; their connections are closed with it.
            dynamic_startup_nodes=False,
            retry=Retry(NoBackoff(), 1),
            max_connections=MOST_CONNECTIONS * 4,
            socket_timeout=ANSWER_SECONDS,
            socket_connect_timeout=CONNECT_SECONDS,
            **common(where),
        )
        # What this client's constructor does not take, but gives to each connection that it makes.
        for kwargs in (self.connection_kwargs, *(node.connection_kwargs for node in self.startup_nodes)):
            kwargs["redis_connect_func"] = first_step

    async def execute_command(self, *args: Any, **kwargs: Any) -> Any:
        """As the other client: what is wrong with the whole Cluster is none of redis-py's other errors.

        The map is read before the command is looked at: without one redis-py sends it anywhere.
        """
        try:
            await self.initialize()
            return await super().execute_command(*args, **kwargs)
        except RedisClusterException as problem:
            raise RedisAway(str(problem)) from problem

    async def aclose(self) -> None:
        """Also the connections that are open while the map is about to be read again, which redis-py forgets."""
        await super().aclose()
        await self.nodes_manager.aclose()
        await self.nodes_manager.aclose("startup_nodes")

    async def info(self, section: str | None = None, **kwargs: Any) -> Any:  # type: ignore[override]
        """Of each primary, by its name."""
        return await super().info(section, target_nodes=self.PRIMARIES, **kwargs)

    async def ping(self, **kwargs: Any) -> Any:
        """Answers when every primary does."""
        return await super().ping(target_nodes=self.PRIMARIES, **kwargs)


def common(where: Topology) -> dict[str, Any]:
    """What each connection to a line's server has in common: user, password, database, options."""
    found = dict(parse_url(where.url))
    return {name: value for name, value in found.items() if name not in ("host", "port", "connection_class")}


def for_sentinels(where: Topology) -> dict[str, Any]:
    """How a Sentinel is spoken to: by its own name and password, with the line's TLS."""
    found: dict[str, Any] = {
        "socket_timeout": FIND_SECONDS,
        "socket_connect_timeout": FIND_SECONDS,
        **where.sentinel,
    }
    if where.tls:
        found |= {"ssl": True, **{k: v for k, v in common(where).items() if k.startswith("ssl_")}}
    return found


def open_queue(url: str, patience_seconds: float) -> queues.Redis:
    """The queue's client, which waits so long for an answer or a connection; no Cluster. RQ knows no asyncio."""
    where, retry = topology(url), QueueRetry(NoBackoff(), 1)
    patience = {
        "socket_connect_timeout": patience_seconds,
        "socket_timeout": patience_seconds,
        "retry": retry,
    }
    if where.kind is Servers.ONE:
        return queues.Redis.from_url(url, **patience)
    sentinels: Any = QueueSentinels(where.servers, sentinel_kwargs=for_sentinels(where))  # type: ignore[no-untyped-call]
    client: queues.Redis = sentinels.master_for(where.service, ssl=where.tls, **common(where), **patience)
    return client


def open_database(settings: Settings) -> Database:
    """SQL of a process, which from now on encrypts the mail that it posts."""
    sealing.seal_with(settings.secret_keys)
    return Database(settings.database_url)
