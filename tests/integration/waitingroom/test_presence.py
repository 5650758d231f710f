"""Presence in the line: one ticket, all sockets of a process, and what a loss took."""

import asyncio
from collections.abc import Sequence
from types import SimpleNamespace

import pytest

from foundation.sql.database import Database
from tests.support.rooms import Hall, hall, make_period, read_period
from waitingroom.line.replies import SeenReply
from waitingroom.line.snapshot import bitmap
from waitingroom.line.store import Seen
from waitingroom.presence import RESTORED_TOGETHER, SIGN_SECONDS
from waitingroom.tickets import Ticket


async def test_a_poll_marks_its_own_number(on_sqlite: Database, redis_url: str) -> None:
    """Who was away is parked, and next in their order once they ask again (P7)."""
    period = await make_period(on_sqlite)
    async with hall(on_sqlite, redis_url) as h:
        first, _second = await h.join("a"), await h.join("b")
        await h.absent(1)
        assert (await h.look()).next(9) == [2]
        assert await h.room.presence.see(period, first.ticket) is SeenReply.WAITING
        assert (await h.look()).next(9) == [1, 2]


async def test_all_sockets_of_a_process_are_one_write(on_sqlite: Database, redis_url: str) -> None:
    """A bitmap of their numbers, OR-ed into the slot that runs."""
    period = await make_period(on_sqlite)
    async with hall(on_sqlite, redis_url) as h:
        for n in range(5):
            await h.join(f"v{n}")
        await h.absent(*range(1, 6))
        await h.room.presence.mark(period.uid, bitmap([2, 4]))
        assert (await h.look()).next(9) == [2, 4]


async def test_tickets_above_the_mark_raise_it_and_are_put_back(on_sqlite: Database, redis_url: str) -> None:
    """More of them than go in one script, after a loss of everything; the mark is above the highest (P1, P8)."""
    await make_period(on_sqlite)
    async with hall(on_sqlite, redis_url) as h:
        period = await h.period()
        many = [Ticket(period.uid, number, f"v{number}") for number in range(1, RESTORED_TOGETHER + 50)]
        await h.room.presence.restore(period, many)
        assert (await h.look()).waiting == len(many)
        assert (await read_period(on_sqlite, period)).mark >= many[-1].number
        assert (await h.join("new")).ticket.number > many[-1].number


async def test_a_number_with_a_row_is_gone(on_sqlite: Database, redis_url: str) -> None:
    """It is not put back into the line: SQL says what became of it."""
    await make_period(on_sqlite)
    async with hall(on_sqlite, redis_url) as h:
        first = await h.join("a")
        await h.turn()
        assert await h.room.presence.see(await h.period(), first.ticket) is SeenReply.GONE


async def signs(h: Hall, moments: list[float], monkeypatch: pytest.MonkeyPatch) -> int:
    """How many signs of number 1 reach the line when it is noted at these moments (in seconds)."""
    period, first = await h.period(), await h.join("a")
    sent: list[int] = []
    seen = h.room.line.seen

    async def counted(uid: str, epoch: int, tickets: Sequence[Seen]) -> list[SeenReply]:
        sent.extend(ticket.number for ticket in tickets)
        return await seen(uid, epoch, tickets)

    monkeypatch.setattr(h.room.line, "seen", counted)
    now = [0.0]
    clock = SimpleNamespace(monotonic=lambda: now[0])
    monkeypatch.setattr("waitingroom.presence.time", clock)
    for moment in moments:
        now[0] = moment
        h.room.presence.note(period, first.ticket)
    async with asyncio.timeout(20):
        while not sent:
            await asyncio.sleep(0.01)
    return len(sent)


async def test_a_page_and_its_socket_are_one_sign(
    on_sqlite: Database, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One in five seconds is enough for slots of fifteen: who asks and asks costs the line no more."""
    await make_period(on_sqlite)
    async with hall(on_sqlite, redis_url) as h:
        assert await signs(h, [1.0, 1.1, 4.9], monkeypatch) == 1


async def test_the_next_spell_has_a_sign_of_its_own(
    on_sqlite: Database, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: five seconds later it is told again."""
    await make_period(on_sqlite)
    async with hall(on_sqlite, redis_url) as h:
        assert await signs(h, [1.0, 1.0 + SIGN_SECONDS, 2.0 + 2 * SIGN_SECONDS], monkeypatch) == 3


async def test_a_join_is_a_sign_already(
    on_sqlite: Database, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page and the socket that follow it say nothing more in these seconds. Twin: without it the first does."""
    await make_period(on_sqlite)
    async with hall(on_sqlite, redis_url) as h:
        period, first, second = await h.period(), await h.join("a"), await h.join("b")
        told: list[int] = []
        monkeypatch.setattr("waitingroom.presence.time", SimpleNamespace(monotonic=lambda: 1.0))
        monkeypatch.setattr(h.room.presence._soon, "put", lambda noted: told.append(noted[1].number))
        h.room.presence.joined(period, first.ticket)
        h.room.presence.note(period, first.ticket)
        h.room.presence.note(period, second.ticket)
        assert told == [2]
