"""Whether the stores are fit for what they are given to: every process looks at its start, and says it in one sentence.

What cannot become right by itself is refused. A server that is away, or takes no writes for now, is waited for: signing
in and submitting do not need it. One that would lose the line in a crash is taken, and said loudly.
"""

from collections.abc import Mapping
from typing import Any

import structlog
from redis import exceptions
from redis.asyncio import Redis

from config.commands.database import existing
from config.failures import NOT_MIGRATED, Failed
from config.migrations import at_step, known_steps
from config.settings import Settings, refuse_policies
from config.stores import open_redis
from foundation.errors import Unavailable
from foundation.sql.database import Database
from foundation.sql.outage import refused
from waitingroom.line.durability import Durability
from waitingroom.line.store import STOPS, Line, keys, script

log = structlog.get_logger()

OLDEST = 7
"""Redis of before has no `SET ... NX GET`; a Valkey says it is a Redis 7.2."""

AWAY = (exceptions.ConnectionError, exceptions.TimeoutError, OSError)

NOT_DURABLE = {
    Durability.NONE: "it keeps no log (appendonly is no): after a restart the line is empty, calls wait for "
    "everybody to come back, and numbers skip; set appendonly to yes and appendfsync to always",
    Durability.SECONDS: "its log is not forced to the disk with each write: a crash loses the last second or two of "
    "joins, whose people come back by their tickets; set appendfsync to always",
}


async def look_at(settings: Settings) -> None:
    """Look at the line's Redis and at the queue's. Raises WrongSetting or Failed for one that is not fit."""
    await look("REDIS_URL", settings.redis_url, is_line=True)
    if settings.queue_redis_url != settings.redis_url:
        await look("QUEUE_REDIS_URL", settings.queue_redis_url, is_line=False)


async def look(name: str, url: str, *, is_line: bool) -> None:
    """Look at one, named by its setting. Raises WrongSetting, Failed."""
    redis = open_redis(url, refusing=False)
    try:
        await _look(name, redis, is_line)
    except (exceptions.AuthenticationError, exceptions.AuthorizationError):
        raise Failed(
            f"The Redis of {name} refuses the user or the password: set both in the address."
        ) from None
    except AWAY as problem:
        log.warning("redis_away", setting=name, error=problem)
    except Unavailable as problem:
        log.warning("redis_away", setting=name, error=problem.__cause__)
    finally:
        await redis.aclose()


async def _look(name: str, redis: Redis, is_line: bool) -> None:
    try:
        found: Mapping[str, Any] = await redis.info()
    except exceptions.NoPermissionError:
        if is_line:
            raise Failed(
                f"The user of {name} may not use INFO, by which every step of the line tells a loss of Redis: "
                "allow it with +info (it is in @dangerous)."
            ) from None
        log.warning("redis_not_looked_at", setting=name, reason="its user may not use INFO")
        return
    servers = [found] if "redis_version" in found else list(found.values())
    for server in servers:
        version = str(server["redis_version"])
        if int(version.partition(".")[0]) < OLDEST:
            raise Failed(
                f"The Redis of {name} is version {version}: {OLDEST} or newer is needed, or a Valkey."
            )
    refuse_policies({str(server["maxmemory_policy"]) for server in servers}, name)
    if not is_line:
        return
    line = Line(redis)
    lasting = await line.durability()
    if lasting in NOT_DURABLE:
        log.warning("redis_not_durable", setting=name, durability=lasting, reason=NOT_DURABLE[lasting])
    await _try(name, redis)


async def _try(name: str, redis: Redis) -> None:
    """Do what the line does, once. Raises Failed where our user may not."""
    own = keys("probe")
    try:
        await redis.register_script(script("probe"))(keys=own)
        await redis.xrange(own[5], count=1)
        await redis.xtrim(own[5], minid="0-1", approximate=False)
        await redis.set(f"{own[0]}:probe", "-", nx=True, px=1, get=True)
        await redis.hgetall(STOPS)
        await redis.hdel(STOPS, "-")
        await redis.time()
        await redis.ping()
    except exceptions.ResponseError as problem:
        if is_forbidden(problem):
            raise Failed(
                f"The user of {name} may not do all that the line needs ({said(problem)}): "
                "docs/operations.md has its ACL."
            ) from None
        log.warning("redis_refuses_writes", setting=name, error=problem)


def is_forbidden(problem: exceptions.ResponseError) -> bool:
    """Whether an ACL stands against it, directly or within a script; each version has its own words for the latter."""
    text = str(problem).lower()
    return isinstance(problem, exceptions.NoPermissionError) or any(
        words in text
        for words in ("noperm", "acl failure", "no permissions", "user executing the script can't")
    )


def said(problem: exceptions.ResponseError) -> str:
    """What the server said, without the script's own whereabouts."""
    return str(problem).strip().splitlines()[0].partition(" script: ")[0].rstrip(". ")


async def look_at_database(url: str) -> None:
    """Refuse one that lets nobody in, or lacks tables: that mends itself by no waiting. One that is away is waited for.

    Raises DBAPIError for what the server refuses, Failed for missing tables. Tables of a newer release are taken: while
    processes are replaced, those of before go on.
    """
    database = Database(existing(url))
    try:
        step = await database.read(at_step)
    except Unavailable as problem:
        if (cause := refused(problem)) is not None:
            raise cause from None
        log.warning("sql_away", error=problem.__cause__)
        return
    finally:
        await database.close()
    steps = known_steps()
    if step is None or (step in steps and step != steps[-1]):
        raise Failed(NOT_MIGRATED)
