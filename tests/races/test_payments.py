"""Payments that meet: under the file's lock they are one payment with one effect; without it one is lost."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.files import events
from casework.files.events import FileHistory
from casework.files.states import FileEventKind, FileStatus
from casework.payments import cases, movements
from casework.payments.states import MoneyReason
from casework.payments.supplements import ending as lapsing
from casework.payments.supplements import giving_up
from casework.payments.unpaid import ending
from foundation.audit import Actor
from foundation.calendar.days import end_of_day
from foundation.clock import now_ms
from foundation.errors import Refusal
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


async def halves_together(db: Database, cents: int) -> list[str]:
    """Two halves of what is due, each added and settled in a transaction of its own, which end together if they can."""
    both = asyncio.Barrier(2)

    async def half(conn: AsyncConnection, number: int) -> str:
        found = await move_money(conn, cents // 2, f"half:{number}")
        try:  # where nothing holds the other back, both have summed up before one commits
            async with asyncio.timeout(1):
                await both.wait()
        except (TimeoutError, asyncio.BrokenBarrierError):
            pass
        return str(found.recorded)

    found = await asyncio.gather(*(db.write(lambda conn, n=n: half(conn, n)) for n in range(2)))  # type: ignore[misc]
    return sorted(map(str, found))


@pytest.fixture
def unlocked(monkeypatch: pytest.MonkeyPatch) -> None:
    """For twins: nobody who adds money to a file waits for anybody."""
    real = events.history

    async def careless(conn: AsyncConnection, number: int, *, lock: bool = False) -> FileHistory:
        return await real(conn, number)

    async def free(conn: AsyncConnection, submission_id: int) -> None:
        """Nothing is locked."""

    monkeypatch.setattr(events, "history", careless)
    monkeypatch.setattr(movements, "lock", free)


async def test_under_the_lock_one_of_them_finds_the_whole(db: Database) -> None:
    await submitted(db)
    assert await halves_together(db, FEE) == ["None", str(FileEventKind.PAID)]
    assert await status_of_file(db) is FileStatus.PAID


async def test_without_the_lock_the_payment_is_lost(db: Database, unlocked: None) -> None:
    """Twin: each sees its own half alone, nobody finds the whole, and the file would be deleted as unpaid."""
    await submitted(db)
    assert await halves_together(db, FEE) == ["None", "None"]
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


async def test_a_supplement_is_found_whole_under_the_lock(db: Database) -> None:
    await asked(db)
    assert await halves_together(db, EXTRA) == ["None", str(FileEventKind.SUPPLEMENT_PAID)]


async def test_without_the_lock_a_supplement_is_lost(db: Database, unlocked: None) -> None:
    """Twin: nobody finds the whole, and the amendment would lapse though it is paid."""
    await asked(db)
    assert await halves_together(db, EXTRA) == ["None", "None"]
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


async def given_up_or_paid(db: Database) -> tuple[set[FileEventKind], list[type[BaseException]]]:
    """What an awaited amendment came to, and what was refused, after it was paid and given up at once, in transactions
    that end together if they can."""
    await asked(db)
    both = asyncio.Barrier(2)

    async def together() -> None:
        try:
            async with asyncio.timeout(1):
                await both.wait()
        except (TimeoutError, asyncio.BrokenBarrierError):
            pass

    async def pay(conn: AsyncConnection) -> None:
        await move_money(conn, EXTRA, "card:extra")
        await together()

    async def give_up(conn: AsyncConnection) -> None:
        await giving_up.give_up(conn, PAYMENTS, 1, 1, Actor("anne", "candidate"), now_ms())
        await together()

    done = await asyncio.gather(db.write(pay), db.write(give_up), return_exceptions=True)
    happened = (await db.read(lambda conn: events.history(conn, 1))).events
    ends = {FileEventKind.SUPPLEMENT_PAID, FileEventKind.AMENDMENT_GIVEN_UP}
    return {event.kind for event in happened} & ends, [type(one) for one in done if one is not None]


async def test_a_supplement_is_either_paid_or_given_up(db: Database) -> None:
    """Whoever takes the file's lock first has one effect; money that came for what was given up waits to go back."""
    came_to, refused = await given_up_or_paid(db)
    waiting = [case.reason for case in await db.read(cases.waiting)]
    assert (came_to, refused, waiting) in [
        ({FileEventKind.SUPPLEMENT_PAID}, [Refusal], []),
        ({FileEventKind.AMENDMENT_GIVEN_UP}, [], [MoneyReason.LAPSED]),
    ]


async def test_without_the_lock_both_find_it_awaited(db: Database, unlocked: None) -> None:
    """Twin: nobody is refused what the other has done: it is both, or the store's own check breaks one off, and money
    that came is recorded nowhere."""
    came_to, refused = await given_up_or_paid(db)
    assert len(came_to) == 2 or refused == [sa.exc.IntegrityError]
