"""Settings that only a running store can show."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
import redis.asyncio

from config.processes.embedded import Valkey
from config.settings import WrongSetting, refuse_evicting


@contextlib.asynccontextmanager
async def policy(server: Valkey, name: str) -> AsyncIterator[Any]:
    client = redis.asyncio.Redis.from_url(server.url)
    try:
        await client.config_set("maxmemory-policy", name)
        yield client
    finally:
        await client.config_set("maxmemory-policy", "noeviction")
        await client.aclose()


@pytest.mark.parametrize("name", ["allkeys-lru", "volatile-ttl", "allkeys-random"])
async def test_a_redis_that_may_drop_keys_is_refused(session_valkey: Valkey, name: str) -> None:
    """Any policy but noeviction is refused at start, by name."""
    async with policy(session_valkey, name) as client:
        with pytest.raises(WrongSetting, match=name):
            await refuse_evicting(client)
