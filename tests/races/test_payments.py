"""Payments that meet: under the file's lock they are one payment with one effect; without it one is lost."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.files import events
from casework.files.events import FileHistory
from casework.files.states import FileEventKind, FileStatus
from casework.payments import cases, movements, settling
from casework.payments.states import Instrument, MovementKind
from casework.payments.supplements import ending as lapsing
from casework.payments.unpaid import ending
from foundation.audit import SERVICE
from foundation.calendar.days import day_of, end_of_day
from foundation.clock import now_ms
from foundation.sql.database import Database
from submission.follow_up import FollowUp
from tests.support.candidates.paying import FEE, PAYMENTS, balance_of, last_day, move_money, status_of_file
from tests.support.casework.supplements import EXTRA, asked, supplements_of
from tests.support.tasks import EFFECTS, about, submitted


@pytest.fixture
async def db(postgresql_url: str) -> AsyncIterator[Database]:
    opened = Database(postgresql_url)
    yield opened
    await opened.close()


async def halves_together(db: Database) -> list[str]:
    """Two halves of a fee, each added and settled in a transaction of its own, which end together if they can."""
    await submitted(db)
    both = asyncio.Barrier(2)

    async def half(conn: AsyncConnection, number: int) -> str:
        now = now_ms()
        await movements.add(
            conn,
            1,
            MovementKind.IN,
            Instrument.CARD,
            FEE // 2,
            day_of(now),
            SERVICE,
            now,
            key=f"half:{number}",
        )
        found = await settling.settle(conn, PAYMENTS, 1, now)
        try:  # where nothing holds the other back, both have summed up before one commits
            async with asyncio.timeout(1):
                await both.wait()
        except (TimeoutError, asyncio.BrokenBarrierError):
            pass
        return str(found.recorded)

    found = await asyncio.gather(*(db.write(lambda conn, n=n: half(conn, n)) for n in range(2)))  # type: ignore[misc]
    return sorted(map(str, found))


async def test_under_the_lock_one_of_them_finds_the_whole(db: Database) -> None:
    assert await halves_together(db) == ["None", str(FileEventKind.PAID)]
    assert await status_of_file(db) is FileStatus.PAID


async def test_without_the_lock_the_payment_is_lost(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twin: each sees its own half alone, nobody finds the whole, and the file would be deleted as unpaid."""
    real = events.history

    async def careless(conn: AsyncConnection, number: int, *, lock: bool = False) -> FileHistory:
        return await real(conn, number)

    async def unlocked(conn: AsyncConnection, submission_id: int) -> None:
        """Nobody waits for anybody."""

    monkeypatch.setattr(events, "history", careless)
    monkeypatch.setattr(movements, "lock", unlocked)
    assert await halves_together(db) == ["None", "None"]
    assert await status_of_file(db) is FileStatus.AWAITING_PAYMENT


async def tell(db: Database, number: int, at: int) -> None:
    await db.write(lambda conn: EFFECTS[FollowUp.PAYMENT_WATCH](conn, about(number), at))


async def test_a_payment_and_the_end_of_a_file_meet(db: Database) -> None:
    """Whichever takes the file's lock first wins whole: paid and kept, or deleted, with money that waits for a
    person."""
    many = 12
    await submitted(db, many)
    day = await last_day(db)
    for number in range(1, many + 1):
        await tell(db, number, end_of_day(day - timedelta(days=30)))
    late = end_of_day(day + timedelta(days=21))

    async def pay(number: int) -> None:
        await db.write(lambda conn: move_money(conn, FEE, f"card:{number}", number=number, on_day=day))

    async def end(number: int) -> None:
        await db.write(lambda conn: ending.end(conn, PAYMENTS, number, late))

    numbers = range(1, many + 1)
    await asyncio.gather(*(act(number) for number in numbers for act in (end, pay)))
    waiting = {case.submission for case in await db.read(cases.waiting)}
    for number in numbers:
        status = await status_of_file(db, number)
        assert status in {FileStatus.PAID, FileStatus.UNPAID_DELETED}
        assert (number in waiting) == (status is FileStatus.UNPAID_DELETED)


async def halves_of_a_supplement(db: Database) -> list[str]:
    """Two halves of what an amendment costs, each added and settled in a transaction of its own, at once."""
    await asked(db)
    both = asyncio.Barrier(2)

    async def half(conn: AsyncConnection, number: int) -> str:
        found = await move_money(conn, EXTRA // 2, f"half:{number}")
        try:  # where nothing holds the other back, both have summed up before one commits
            async with asyncio.timeout(1):
                await both.wait()
        except (TimeoutError, asyncio.BrokenBarrierError):
            pass
        return str(found.recorded)

    found = await asyncio.gather(*(db.write(lambda conn, n=n: half(conn, n)) for n in range(2)))  # type: ignore[misc]
    return sorted(map(str, found))


async def test_a_supplement_is_found_whole_under_the_lock(db: Database) -> None:
    assert await halves_of_a_supplement(db) == ["None", str(FileEventKind.SUPPLEMENT_PAID)]


async def test_without_the_lock_a_supplement_is_lost(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twin: nobody finds the whole, and the amendment would lapse though it is paid."""
    real = events.history

    async def careless(conn: AsyncConnection, number: int, *, lock: bool = False) -> FileHistory:
        return await real(conn, number)

    async def unlocked(conn: AsyncConnection, submission_id: int) -> None:
        """Nobody waits for anybody."""

    monkeypatch.setattr(events, "history", careless)
    monkeypatch.setattr(movements, "lock", unlocked)
    assert await halves_of_a_supplement(db) == ["None", "None"]
    (one,) = await supplements_of(db)
    assert one.paid_at is None


async def test_webhook_and_return_page_of_a_supplement_have_one_effect(db: Database) -> None:
    """Eight callers tell of the same payment at once: one movement, one event, one amendment that counts."""
    await asked(db)
    await asyncio.gather(
        *(db.write(lambda conn: move_money(conn, EXTRA, "card:same", charge="ch_9")) for _ in range(8))
    )
    history = await db.read(lambda conn: events.history(conn, 1))
    told = [event.kind for event in history.events if event.kind is FileEventKind.SUPPLEMENT_PAID]
    (one,) = await supplements_of(db)
    assert (len(told), one.paid_at is not None, await balance_of(db)) == (1, True, FEE + EXTRA)


async def test_a_supplement_and_its_end_meet(db: Database) -> None:
    """Whichever takes the file's lock first wins whole: paid, or lapsed with money that waits to be given back."""
    one = await asked(db)
    late = end_of_day(one.last_day + timedelta(days=21))

    async def pay() -> None:
        await db.write(lambda conn: move_money(conn, EXTRA, "card:extra", on_day=one.last_day))

    async def end() -> None:
        await db.write(lambda conn: lapsing.end(conn, PAYMENTS, 1, late))

    await asyncio.gather(pay(), end())
    (found,) = await supplements_of(db)
    assert (found.paid_at is None) != (found.lapsed_at is None)
    assert await status_of_file(db) is FileStatus.PAID
