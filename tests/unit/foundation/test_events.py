"""Events that nobody listens to cost nothing; and context is each task's own."""

import asyncio

from foundation.context import request_id
from foundation.events import Events


def test_events_without_a_listener_are_forgotten() -> None:
    """Tools and tests that need no figures pass the plain one."""
    events = Events()
    events.count("calls", 3, period="demo")
    events.level("sockets", 2.0)
    events.took("tick", 0.1)
    events.took_all("tick", [0.1, 0.2])
    assert vars(events) == {}


async def test_the_id_of_a_request_is_its_own_tasks() -> None:
    """Two tasks at once do not see each other's; outside of a request there is none."""

    async def named(id_: str) -> str:
        request_id.set(id_)
        await asyncio.sleep(0)
        return request_id.get()

    assert await asyncio.gather(*(asyncio.create_task(named(one)) for one in ("a", "b"))) == ["a", "b"]
    assert request_id.get() == ""
