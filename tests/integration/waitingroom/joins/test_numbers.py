"""The batched questions for numbers."""

import asyncio

from foundation.sql.database import Database
from tests.support.rooms import hall, make_period


async def test_three_hundred_at_once_get_three_hundred_numbers(database: Database, redis_url: str) -> None:
    """Two processes, joins at the same time: no number twice, none left out but at most one raise of the mark."""
    await make_period(database)
    async with hall(database, redis_url) as one, hall(database, redis_url) as two:
        joins = await asyncio.gather(*((one, two)[n % 2].join(f"visitor {n}") for n in range(300)))
        numbers = sorted(join.ticket.number for join in joins)
        assert numbers == list(range(1, 301))
