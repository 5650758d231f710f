"""The sockets of a ticket are counted over all processes."""

from collections import Counter
from typing import Any

import pytest

from config.processes.embedded import Valkey
from foundation.sql.database import Database
from tests.support.outages import frozen, until_looked
from tests.support.rooms import RecordingWire, hall, make_period
from waitingroom.feed import socket_counts
from waitingroom.feed.feed import Feed
from waitingroom.feed.watcher import Watcher
from waitingroom.line.store import Line
from waitingroom.tickets import Ticket


async def test_sockets_that_close_while_redis_is_away_are_not_counted_for_ever(
    on_sqlite: Database, valkey: Valkey
) -> None:
    """Three close during the outage; after it the same browser opens three again, and a fourth is one too many."""
    period = await make_period(on_sqlite)
    async with hall(on_sqlite, valkey.url) as h:
        ticket = (await h.join("a")).ticket
        feed, other = h.feed(), h.feed()
        assert [await feed.counts.admit(ticket) for _ in range(4)] == [True, True, True, False]
        with frozen(valkey):
            for _ in range(3):
                await feed.counts.dismiss(ticket)
        await until_looked(h)
        feed.add(Watcher(period.id, Ticket(period.uid, 9, "v"), RecordingWire()))
        await feed.mark()
        assert [await other.counts.admit(ticket) for _ in range(4)] == [True, True, True, False]


async def test_after_a_loss_the_line_is_told_again_who_has_how_many_sockets(
    on_sqlite: Database, redis_url: str
) -> None:
    """Three here before all of Redis is emptied: there is still no fourth, on another process, by another ticket."""
    period = await make_period(on_sqlite)
    async with hall(on_sqlite, redis_url) as h:
        ticket = (await h.join("a")).ticket
        feed, other = h.feed(), h.feed()
        feed.add(Watcher(period.id, ticket, RecordingWire()))
        assert [await feed.counts.admit(ticket) for _ in range(3)] == [True] * 3
        assert not await other.counts.admit(
            Ticket(ticket.uid, ticket.number, "shown by another of its tickets")
        )
        await h.redis.flushall()
        await feed.mark()
        assert not await other.counts.admit(ticket)


async def test_without_the_common_count_there_are_three_in_each_process(
    on_sqlite: Database, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: a line that takes every count, then a process that does not count either."""
    await make_period(on_sqlite)
    async with hall(on_sqlite, redis_url) as h:
        ticket = (await h.join("a")).ticket
        here, there = h.feed(), h.feed()
        taken: Counter[Feed] = Counter()

        async def four_more_in_each() -> list[int]:
            for feed in (here, there):
                taken[feed] += sum([await feed.counts.admit(ticket) for _ in range(4)])
            return [taken[here], taken[there]]

        assert await four_more_in_each() == [3, 0], "as it is: three of one ticket, wherever they are"

        async def uncounted(_line: Line, _uid: str, _process: str, counts: Any, _most: int) -> list[bool]:
            return [True] * len(counts)

        monkeypatch.setattr(Line, "sockets", uncounted)
        assert await four_more_in_each() == [3, 3]
        monkeypatch.setattr(socket_counts, "MOST_SOCKETS", 1000)
        assert await four_more_in_each() == [7, 7]
