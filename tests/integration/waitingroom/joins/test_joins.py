"""Joins on real stores: numbers, tabs, keys, and coming back."""

import asyncio

import pytest

from foundation.clock import now_ms
from foundation.errors import Refusal
from foundation.sql.database import Database
from tests.support.rooms import HOUR_MS, hall, make_period, rows_of, set_period


async def test_numbers_are_given_in_order_and_again_to_the_same_browser(
    database: Database, redis_url: str
) -> None:
    """A reload is a join of the same visitor, a second tab too: the number stays (P1, P8)."""
    await make_period(database)
    async with hall(database, redis_url) as h:
        first, second, again = await h.join("a"), await h.join("b"), await h.join("a")
        assert [first.ticket.number, second.ticket.number, again.ticket.number] == [1, 2, 1]
        assert [first.existed, again.existed] == [False, True]
        assert (await h.join("a", ticket=first.ticket)).ticket == first.ticket


async def test_a_join_with_nothing_is_a_new_number_each_time(database: Database, redis_url: str) -> None:
    """Neither ticket, key nor visitor: nobody can say that it is the same browser."""
    await make_period(database)
    async with hall(database, redis_url) as h:
        period = await h.period()
        numbers = [(await h.room.joins.join(period, None, None, None)).ticket.number for _ in range(3)]
        assert numbers == [1, 2, 3]


async def test_nobody_gets_in_early_late_or_at_the_cap(database: Database, redis_url: str) -> None:
    """The refusals of a join, by the row as it stands (WR-02, QU-04)."""
    period = await make_period(database, state="armed", opens_at=now_ms() + HOUR_MS)
    async with hall(database, redis_url) as h:
        for values, code in (
            ({}, "room_not_open"),
            ({"state": "announced"}, "room_not_open"),
            ({"state": "cap_reached"}, "quota_reached"),
            ({"state": "closed"}, "period_closed"),
            ({"state": "annulled"}, "annulled"),
            ({"state": "armed", "closes_at": now_ms() - 1, "opens_at": now_ms() - 9}, "period_closed"),
            ({"state": "open", "closes_at": now_ms() - 1, "opens_at": now_ms() - 9}, "period_closed"),
        ):
            await set_period(database, period, **values)
            with pytest.raises(Refusal) as refusal:
                await h.join("a")
            assert refusal.value.code == code


async def test_a_period_opens_at_its_instant_with_no_ticker(database: Database, redis_url: str) -> None:
    """Armed and past its time is open, whether or not a tick has recorded it (P10)."""
    await make_period(database, state="armed", opens_at=now_ms() - 1)
    async with hall(database, redis_url) as h:
        assert (await h.join("a")).ticket.number == 1


async def test_two_tabs_that_re_enter_at_once_get_one_number(database: Database, redis_url: str) -> None:
    """Both bring the ticket that left; one new number, whichever process they ask."""
    await make_period(database)
    async with hall(database, redis_url) as h, hall(database, redis_url) as other:
        period, first = await h.period(), await h.join("a")
        await h.room.leaves.give_up(period, first.ticket)
        tabs = await asyncio.gather(*((h, other)[n % 2].join("a", ticket=first.ticket) for n in range(10)))
        assert {tab.ticket.number for tab in tabs} == {2}


async def test_after_a_lapse_the_browser_gets_a_new_number_at_the_end(
    database: Database, redis_url: str
) -> None:
    """Called, not come: the token lapses, its place is free, re-entry is at the end (SW-02)."""
    period = await make_period(database, cap=1)
    async with hall(database, redis_url) as h:
        first, second = await h.join("a"), await h.join("b")
        assert (await h.turn()).called == [1]
        assert (await h.join("a", ticket=first.ticket)).ticket.number == 1
        await h.advance(601_001)
        turn = await h.turn()
        assert turn.lapsed == [1]
        assert (await h.room.positions.me(await h.period(), first.ticket)).state == "lapsed"
        assert (await h.join("a", ticket=first.ticket)).ticket.number == 3
        assert (await h.turn()).called + turn.called == [second.ticket.number]
        assert await rows_of(database, period) == {1: "lapsed", 2: "live"}
