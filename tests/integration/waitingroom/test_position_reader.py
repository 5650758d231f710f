"""Where a ticket stands, read from the line and from SQL."""

from foundation.sql.database import Database
from tests.support.rooms import hall, make_period


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
