"""The room on real stores: numbers, tabs, keys, leaving, and coming back."""

import asyncio

import pytest

from foundation.clock import now_ms
from foundation.errors import Refusal
from foundation.sql.database import Database
from server.requests import Incoming
from tests.support.rooms import HOUR_MS, hall, make_period, read_period, rows_of, set_period
from waitingroom.tickets import Ticket


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


async def test_three_hundred_at_once_get_three_hundred_numbers(database: Database, redis_url: str) -> None:
    """Two processes, joins at the same time: no number twice, none left out but at most one raise of the mark."""
    await make_period(database)
    async with hall(database, redis_url) as one, hall(database, redis_url) as two:
        joins = await asyncio.gather(*((one, two)[n % 2].join(f"visitor {n}") for n in range(300)))
        numbers = sorted(join.ticket.number for join in joins)
        assert numbers == list(range(1, 301))


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
            ({"state": "armed", "closes_at": now_ms() - 1, "opens_at": now_ms() - 9}, "period_closed"),
            ({"state": "open", "closes_at": now_ms() - 1, "opens_at": now_ms() - 9}, "period_closed"),
        ):
            await set_period(database, period, **values)
            with pytest.raises(Refusal) as refusal:
                await h.join("a")
            assert refusal.value.code == code


async def test_a_period_is_found_as_soon_as_it_is_announced(database: Database, redis_url: str) -> None:
    """By every process, also by one that has read the rows a moment before."""
    period = await make_period(database, state="draft", opens_at=now_ms() + HOUR_MS)
    async with hall(database, redis_url) as h:
        assert await h.room.periods.public() == []
        with pytest.raises(Refusal):
            await h.room.periods.find("essai")
        await set_period(database, period, state="announced")
        assert (await h.room.periods.find("essai")).state == "announced"


async def test_a_period_opens_at_its_instant_with_no_ticker(database: Database, redis_url: str) -> None:
    """Armed and past its time is open, whether or not a tick has recorded it (P10)."""
    await make_period(database, state="armed", opens_at=now_ms() - 1)
    async with hall(database, redis_url) as h:
        assert (await h.join("a")).ticket.number == 1


async def test_leaving_a_waiting_number_frees_the_browser_for_a_new_one(
    database: Database, redis_url: str
) -> None:
    """The number is gone for good; the next join of the same browser is the next number; a second leave is nothing."""
    await make_period(database)
    async with hall(database, redis_url) as h:
        period, first = await h.period(), await h.join("a")
        await h.join("b")
        for _ in range(2):
            await h.room.leaves.give_up(period, first.ticket)
        assert (await h.room.positions.me(period, first.ticket)).state == "left"
        again = await h.join("a", ticket=first.ticket)
        assert (again.ticket.number, again.existed) == (3, False)
        assert (await h.look()).next(9) == [2, 3]


async def test_two_tabs_that_re_enter_at_once_get_one_number(database: Database, redis_url: str) -> None:
    """Both bring the ticket that left; one new number, whichever process they ask."""
    await make_period(database)
    async with hall(database, redis_url) as h, hall(database, redis_url) as other:
        period, first = await h.period(), await h.join("a")
        await h.room.leaves.give_up(period, first.ticket)
        tabs = await asyncio.gather(*((h, other)[n % 2].join("a", ticket=first.ticket) for n in range(10)))
        assert {tab.ticket.number for tab in tabs} == {2}


async def test_a_join_then_me_on_another_process_is_waiting(database: Database, redis_url: str) -> None:
    """A number above the other process's last look waits; it is not unknown."""
    await make_period(database)
    async with hall(database, redis_url) as one, hall(database, redis_url) as two:
        await two.room.looks.look(await two.period())
        joined = [await one.join(f"v{n}") for n in range(3)]
        me = await two.room.positions.me(await two.period(), joined[2].ticket)
        assert (me.number, me.state, me.ahead) == (3, "waiting", 2)


async def test_ahead_falls_when_somebody_is_called_or_leaves_or_is_away(
    database: Database, redis_url: str
) -> None:
    """It counts the present with a lower number, nobody else (WR-06)."""
    await make_period(database, calls_per_minute=0)
    async with hall(database, redis_url) as h:
        joined = [await h.join(f"v{n}") for n in range(5)]
        assert (await h.look()).ahead(5) == 4
        await h.room.leaves.give_up(await h.period(), joined[0].ticket)
        await h.absent(2)
        assert (await h.look()).ahead(5) == 2


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


async def test_leaving_a_token_gives_its_place_to_the_next(database: Database, redis_url: str) -> None:
    """The called person says no: the place is free at once."""
    period = await make_period(database, cap=1)
    async with hall(database, redis_url) as h:
        first, _ = await h.join("a"), await h.join("b")
        await h.turn()
        await h.room.leaves.give_up(await h.period(), first.ticket)
        assert (await read_period(database, period)).held == 0
        await h.advance(1000)
        assert (await h.turn()).called == [2]


async def test_a_called_ticket_shows_token_and_end(database: Database, redis_url: str) -> None:
    """600 s from the call, in this browser's hands only; the token is for this number and period."""
    await make_period(database)
    async with hall(database, redis_url) as h:
        joined = await h.join("a")
        await h.turn()
        me = await h.room.positions.me(await h.period(), joined.ticket)
        assert me.state == "called" and me.token and me.expires_at
        claims = h.room.tokens.read(me.token, "essai")
        assert claims is not None and claims.number == 1
        assert h.room.tokens.read(me.token, "autre") is None


async def test_a_ticket_of_another_life_of_the_period_is_no_place_in_this_one(
    database: Database, redis_url: str
) -> None:
    """The uid is signed into the ticket; a wiped and remade `essai` does not know it."""
    await make_period(database)
    async with hall(database, redis_url) as h:
        foreign = h.room.tickets.issue(Ticket("another-life", 1, "x"))
        headers = [(b"authorization", f"Bearer {foreign}".encode())]
        came = Incoming({"type": "http", "headers": headers})
        assert h.room.tickets.ticket_of(came, await h.period()) is None
