"""Leaving: in SQL first, then in the line, whoever dies in between."""

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from config.processes.embedded import Valkey
from foundation.loops.ending import end
from foundation.sql.database import Database
from quota import ledger
from tests.support.outages import call_only, frozen, ticker_of, until_looked
from tests.support.rooms import Hall, hall, make_period, read_period
from waitingroom.leaves import Leaves
from waitingroom.line.states import JournalKind
from waitingroom.tickets import Ticket


async def test_who_left_while_redis_was_away_is_out_of_the_line_afterwards(
    on_sqlite: Database, valkey: Valkey
) -> None:
    """SQL has it, the line hears of it once it is back: a new join gives a new number at the end."""
    await make_period(on_sqlite)
    async with hall(on_sqlite, valkey.url) as h:
        joined = await h.join("a")
        with frozen(valkey):
            await h.room.leaves.give_up(await h.period(), joined.ticket)
        await until_looked(h)
        assert (await h.look()).place(joined.ticket.number) == "waiting", "the line has not heard of it"
        with ticker_of(h, valkey.url) as ticker:
            await ticker.tick()
        assert (await h.look()).place(joined.ticket.number) == "gone"
        again = await h.join("a", ticket=joined.ticket)
        assert again.ticket.number > joined.ticket.number


async def leave_only(h: Hall, ticket: Ticket) -> None:
    """The leave is committed, and the process dies before it tells the line."""
    await h.db.write(lambda conn: ledger.leave_waiting(conn, [(ticket.uid, ticket.number)]))


async def test_a_leave_whose_process_died_before_it_told_redis_is_told_by_a_ticker(
    database: Database, redis_url: str
) -> None:
    """Within two seconds, by whichever process lives; the same browser then gets a new number, and SQL is at rest."""
    await make_period(database, calls_per_minute=0)
    async with hall(database, redis_url) as h:
        first = (await h.join("a")).ticket
        await h.join("b")
        await leave_only(h, first)
        with ticker_of(h, redis_url) as ticker:
            ticking = asyncio.create_task(ticker.run())
            async with asyncio.timeout(2):
                while await database.read(lambda conn: ledger.unheard(conn, first.uid)):
                    await asyncio.sleep(0.02)
            await end(ticking)
        again = await h.join("a", ticket=first)
        assert (again.ticket.number, again.existed) == (3, False)
        assert (await h.look()).next(9) == [2, 3]


async def test_untold_the_same_browser_would_get_the_number_back_that_it_left(
    database: Database, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: with leaves that nobody tells again a rejoin is given a number that is never called."""

    async def nothing(*_: object) -> None:
        return None

    monkeypatch.setattr(Leaves, "tell", nothing)
    await make_period(database, calls_per_minute=0)
    async with hall(database, redis_url) as h:
        first = (await h.join("a")).ticket
        await leave_only(h, first)
        with ticker_of(h, redis_url) as ticker:
            await ticker.tick()
        again = await h.join("a", ticket=first)
        assert (again.ticket.number, again.existed) == (1, True)


async def test_a_token_given_back_before_the_line_heard_of_its_call_is_told_too(
    database: Database, redis_url: str
) -> None:
    """The ticker dies after the call, the person gives the place back: a new join is a new number."""
    period = await make_period(database, calls_per_minute=6000)
    async with hall(database, redis_url) as h:
        first = (await h.join("a")).ticket
        await call_only(database, period.uid, await h.room.epochs.current(period.uid), 1)
        await h.room.leaves.give_up(await h.period(), first)
        assert (await h.look()).place(1) == "waiting"
        await h.room.leaves.tell(period.uid)
        assert (await h.join("a", ticket=first)).ticket.number == 2


async def test_what_a_tick_reads_of_leaves_does_not_grow_with_them(
    on_sqlite: Database, redis_url: str
) -> None:
    """It finds those that are left to tell in an index that holds nothing else; each is told once more, and no more."""
    period, asked = await make_period(on_sqlite), list[tuple[str, Any]]()

    async def plan(conn: AsyncConnection) -> list[str]:
        def note(_c: object, _cursor: object, statement: str, values: Any, *_: object) -> None:
            asked.append((statement, values))

        sa.event.listen(conn.sync_connection, "before_cursor_execute", note)
        await ledger.unheard(conn, period.uid)
        sa.event.remove(conn.sync_connection, "before_cursor_execute", note)
        statement, values = asked[-1]
        written_out = statement.replace("?", "{!r}").format(*values)
        found = await conn.execute(sa.text(f"explain query plan {written_out}"))
        return [str(row.detail) for row in found]

    assert await on_sqlite.read(plan) == ["SEARCH token USING INDEX ix_token_unheard (period=?)"]
    async with hall(on_sqlite, redis_url) as h:
        first = (await h.join("a")).ticket
        await h.room.leaves.give_up(await h.period(), first)
        for left in ([1], []):
            assert await on_sqlite.read(lambda conn: ledger.unheard(conn, period.uid)) == left
            await h.room.leaves.tell(period.uid)
        entries = await h.room.line.journal(period.uid)
        assert [entry.kind for entry in entries].count(JournalKind.LEAVE) == 1, "told twice, recorded once"


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
