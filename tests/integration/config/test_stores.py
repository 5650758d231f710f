"""The stores of a process, opened from its settings."""

import pytest
import redis

from config.processes.embedded import Valkey
from config.stores import open_redis
from foundation.errors import Unavailable
from tests.conftest import apart
from waitingroom.line.store import Line


def test_a_redis_that_drops_keys_is_refused_also_when_it_comes_later(valkey: Valkey) -> None:
    """It counts as away, until it is set right; then the same client goes on."""

    def policy(name: str) -> None:
        with redis.Redis.from_url(valkey.url) as client:
            client.config_set("maxmemory-policy", name)

    async def asked() -> None:
        client = open_redis(valkey.url)
        try:
            with pytest.raises(Unavailable):
                await Line(client).ping()
            policy("noeviction")
            await Line(client).ping()
        finally:
            await client.aclose()

    policy("allkeys-lru")
    apart(asked())
