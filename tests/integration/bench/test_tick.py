"""The benchmark of a tick measures what it says."""

from pathlib import Path

from redis.asyncio import Redis

from tests.bench import tick


async def test_a_line_is_laid_as_the_tick_is_measured_on_it(redis_url: str, tmp_path: Path) -> None:
    """Nine of ten wait, one in ten is gone, and every part of the tick has a figure."""
    async with Redis.from_url(redis_url) as redis:
        found = await tick.at_size(tmp_path, redis, 1_000)
    assert found.keys() == {"turn", "look", "bare", "ranks"}
    assert all(value > 0 for value in found.values())
