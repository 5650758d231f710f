"""The stores of a process, opened from settings: SQL, the line's Redis, the queue's Redis."""

import re

import structlog
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from config.settings import Settings, WrongSetting, refuse_policies
from quota.store import Database

log = structlog.get_logger()
CONNECT_SECONDS = 1.0
ANSWER_SECONDS = 2.0
MOST_CONNECTIONS = 32
"""Joins and looks go out gathered, a few calls at a time: more connections would only wait inside Redis."""


class DropsKeys(RedisError):
    """A server that may drop keys: to us it is one that is away. The text says what to set."""


def open_redis(url: str, *, refusing: bool = True) -> Redis:
    """A client that gives up soon: whoever waits for a number is told, and asks again. One retry covers a connection
    that the server closed while it was idle; every script may be repeated.

    `refusing` a server that drops keys at every new connection: who starts while Redis is away cannot look before.
    """
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=MOST_CONNECTIONS,
        timeout=ANSWER_SECONDS,
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 1),
        redis_connect_func=refuse_dropping if refusing else None,
    )
    return Redis.from_pool(pool)


async def refuse_dropping(connection: AbstractConnection) -> None:
    """What a new connection does first. Raises DropsKeys."""
    await connection.on_connect()
    await connection.send_command("INFO", "memory")
    found = re.search(rb"maxmemory_policy:([a-z-]+)", bytes(await connection.read_response()))
    try:
        refuse_policies({found[1].decode()} if found else set())
    except WrongSetting as problem:
        log.error("redis_refused", reason=str(problem))
        raise DropsKeys(str(problem)) from None


def open_database(settings: Settings) -> Database:
    return Database(settings.database_url)
