"""What a task works for is its own."""

import asyncio

from foundation.context import request_id


async def test_the_id_of_a_request_is_its_own_tasks() -> None:
    """Two tasks at once do not see each other's; outside of a request there is none."""

    async def named(id_: str) -> str:
        request_id.set(id_)
        await asyncio.sleep(0)
        return request_id.get()

    assert await asyncio.gather(*(asyncio.create_task(named(one)) for one in ("a", "b"))) == ["a", "b"]
    assert request_id.get() == ""
