"""Where a ticket stands, read from the line and from SQL."""

import asyncio
from typing import Any

import msgspec
import pytest

from foundation.sql.database import Database
from tests.support.rooms import hall, make_period
from waitingroom import position_reader


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


async def known_at_once(database: Database, redis_url: str, **values: Any) -> list[bool]:
    """Ten people of a period with these values, of which the first has been called since the look: of whom the look is
    an answer at once."""
    await make_period(database, **{"calls_per_minute": 5} | values)
    async with hall(database, redis_url) as h:
        for n in range(10):
            await h.join(f"v{n}")
        period = await h.period()
        await h.room.looks.look(period, 0.0)
        await h.turn()
        return [h.room.positions.sure(period, number) is not None for number in range(1, 11)]


async def test_a_look_is_an_answer_to_whom_nobody_can_have_called_since(
    on_sqlite: Database, redis_url: str
) -> None:
    """With a minute of calls ahead: a page that was told of its call is not told that it waits."""
    assert await known_at_once(on_sqlite, redis_url) == [False] * 6 + [True] * 4


@pytest.mark.parametrize("values", [{"state": "closed"}, {"mode": "draw"}])
async def test_a_look_is_no_answer_at_the_end_and_before_the_draw(
    on_sqlite: Database, redis_url: str, values: dict[str, Any]
) -> None:
    """What somebody is told then does not follow from the line alone."""
    await make_period(on_sqlite, calls_per_minute=0)
    async with hall(on_sqlite, redis_url) as h:
        for n in range(3):
            await h.join(f"v{n}")
        period = await h.period()
        await h.room.looks.look(period, 0.0)
        assert h.room.positions.sure(period, 3) is not None
        assert h.room.positions.sure(msgspec.structs.replace(period, **values), 3) is None


async def test_without_the_distance_somebody_who_was_called_is_told_that_they_wait(
    on_sqlite: Database, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: the look is older than the call."""
    monkeypatch.setattr(position_reader, "SURE_MINUTES", -1)
    assert await known_at_once(on_sqlite, redis_url) == [True] * 10


async def test_an_old_look_is_no_answer(
    on_sqlite: Database, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor one in which the number is gone or lost."""
    await make_period(on_sqlite, calls_per_minute=0)
    async with hall(on_sqlite, redis_url) as h:
        joined = [await h.join(f"v{n}") for n in range(4)]
        period = await h.period()
        await h.room.leaves.give_up(period, joined[2].ticket)
        await h.room.looks.look(period, 0.0)
        assert [h.room.positions.sure(period, number) is not None for number in (2, 3, 4, 9)] == [
            True, False, True, True,
        ]  # fmt: skip
        monkeypatch.setattr(position_reader, "LOOK_SECONDS", 0.0)
        assert h.room.positions.sure(period, 2) is None


@pytest.mark.parametrize(("calls_per_minute", "told"), [(0, True), (5, False)])
async def test_a_crowd_whose_look_came_late_is_told_by_one_look(
    on_sqlite: Database, redis_url: str, calls_per_minute: int, told: bool
) -> None:
    """All wait for the same look, and the line is not asked about each; but of whom may have been called it is."""
    await make_period(on_sqlite, calls_per_minute=calls_per_minute)
    async with hall(on_sqlite, redis_url) as h:
        tickets = [(await h.join(f"v{n}")).ticket for n in range(3)]
        period = await h.period()
        assert h.room.looks.last(period.uid) is None
        found = await asyncio.gather(*(h.room.positions.asked(period, ticket) for ticket in tickets[1:]))
        assert [one.ahead if one else None for one in found] == ([1, 2] if told else [None, None])
        assert await h.room.positions.asked(period, msgspec.structs.replace(tickets[2], owes=1)) is None
