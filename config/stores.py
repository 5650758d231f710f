"""The stores of a process, opened from settings: SQL, the line's Redis, the queue's Redis."""

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from config.settings import Settings
from quota.store import Database

CONNECT_SECONDS = 1.0
ANSWER_SECONDS = 2.0
MOST_CONNECTIONS = 32
"""Joins and looks go out gathered, a few calls at a time: more connections would only wait inside Redis."""


def open_redis(url: str) -> Redis:
    """A client that gives up soon: whoever waits for a number is told, and asks again. One retry covers a connection
    that the server closed while it was idle; every script may be repeated."""
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=MOST_CONNECTIONS,
        timeout=ANSWER_SECONDS,
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 1),
    )
    return Redis.from_pool(pool)


def open_database(settings: Settings) -> Database:
    return Database(settings.database_url)
