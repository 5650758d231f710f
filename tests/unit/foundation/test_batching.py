"""Batching with backpressure: a call that would wait too long is refused at once."""

import asyncio

from foundation.batching import ENOUGH, FEW, Batcher, Gatherer
from foundation.errors import Unavailable


async def line_up(patience: float | None) -> tuple[int, list[Unavailable]]:
    """Twenty questions to a store that takes 50 ms for each: how many were answered, and the refusals."""

    async def slow(items: list[int]) -> list[int]:
        await asyncio.sleep(0.05)
        return items

    gatherer = Batcher(slow, most=1, store="redis", patience=patience)
    assert await gatherer(0) == 0  # how long a call takes is known from here on
    answered: list[int] = []
    refused: list[Unavailable] = []
    for item in range(20):
        try:
            gatherer.put(item, lambda reply: answered.append(1) if isinstance(reply, int) else None)
        except Unavailable as refusal:
            refused.append(refusal)
        await asyncio.sleep(0)
    taken = 20 - len(refused)
    async with asyncio.timeout(20):
        while len(answered) < taken:
            await asyncio.sleep(0.01)
    return taken, refused


async def test_whoever_would_wait_too_long_is_told_when_to_come_back() -> None:
    """By how long a call takes and how many are before it; everybody who was let in is answered."""
    taken, refused = await line_up(patience=0.175)
    assert 1 < taken < 8
    assert all(refusal.fields["retry_after"] >= 1 for refusal in refused)


async def test_without_patience_all_wait() -> None:
    """Twin: nobody is refused, and the last one waits for all the others."""
    assert (await line_up(patience=None))[0] == 20


async def test_what_may_wait_a_moment_goes_together_and_what_comes_later_with_the_next() -> None:
    """In its order, and each once."""
    handed: list[list[int]] = []
    come = asyncio.Event()

    def hand_on(items: list[int]) -> None:
        handed.append(items)
        come.set()

    gatherer = Gatherer(0.02, hand_on)
    for number in (1, 2, 3):
        gatherer.put(number)
    assert handed == []
    await asyncio.wait_for(come.wait(), 5)
    come.clear()
    gatherer.put(4)
    await asyncio.wait_for(come.wait(), 5)
    assert handed == [[1, 2, 3], [4]]


async def calls_for(apart_seconds: float) -> int:
    """How many calls it takes for ten items that come one after the other, each before the last one was answered."""
    calls: list[list[int]] = []

    async def send(items: list[int]) -> list[int]:
        calls.append(items)
        return items

    batcher = Batcher(send, apart_seconds=apart_seconds)
    assert await batcher(0) == 0
    waiting = []
    for item in range(1, 11):
        waiting.append(asyncio.ensure_future(batcher(item)))
        for _ in range(10):  # turns of the loop, no time
            await asyncio.sleep(0)
    assert await asyncio.gather(*waiting) == list(range(1, 11))
    return len(calls)


async def test_calls_that_come_close_together_are_kept_apart() -> None:
    """The first goes at once; those behind it wait for the next moment and go together. Twin: each by itself."""
    assert await calls_for(0.2) == 2
    assert await calls_for(0.0) > 5


async def test_enough_of_them_wait_for_nothing() -> None:
    """However far apart calls are kept, a full load goes at once."""

    async def send(items: list[int]) -> list[int]:
        return items

    batcher = Batcher(send, apart_seconds=3600)
    assert await batcher(0) == 0
    async with asyncio.timeout(20):
        assert await asyncio.gather(*map(batcher, range(ENOUGH))) == list(range(ENOUGH))


async def test_behind_a_batch_of_some_size_nobody_waits() -> None:
    """What was worth its price is followed at once, however far apart calls are kept."""

    async def send(items: list[int]) -> list[int]:
        return items

    batcher = Batcher(send, apart_seconds=3600)
    assert await asyncio.gather(*map(batcher, range(FEW))) == list(range(FEW))
    async with asyncio.timeout(20):
        assert await batcher(FEW) == FEW


async def calls_behind_a_small_one(apart_seconds: float) -> list[int]:
    """The sizes of the calls when six items come one by one while the first call is under way."""
    sizes: list[int] = []

    async def send(items: list[int]) -> list[int]:
        sizes.append(len(items))
        for _ in range(20):
            await asyncio.sleep(0)
        return items

    batcher = Batcher(send, apart_seconds=apart_seconds)
    waiting = [asyncio.ensure_future(batcher(0))]
    for item in range(1, 7):
        for _ in range(12):  # turns of the loop, no time
            await asyncio.sleep(0)
        waiting.append(asyncio.ensure_future(batcher(item)))
    assert await asyncio.gather(*waiting) == list(range(7))
    return sizes


async def test_what_came_while_a_small_call_was_under_way_waits_for_company() -> None:
    """A second small call in a row is kept apart from the first as well. Twin: it follows at once, and others it."""
    assert await calls_behind_a_small_one(0.2) == [1, 6]
    assert len(await calls_behind_a_small_one(0.0)) > 2
