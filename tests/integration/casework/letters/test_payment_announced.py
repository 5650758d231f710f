"""The letters of a payment are said together and once, whichever is filed last, also where two workers file at once."""

import asyncio
from collections.abc import Sequence

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework import documents
from casework.documents import DocumentKind, MadeDocument
from casework.files.tasks import FileTask
from casework.letters import payment_announced
from casework.letters.payment_announced import BOTH_TITLE, CONFIRMATION_TITLE
from casework.letters.payment_letters import PaymentLetters
from casework.mailbox import messages
from casework.mailbox.messages import Message
from casework.payments.states import MovementKind
from foundation import outbox
from foundation.batched_tasks.performing import perform_all
from foundation.clock import now_ms
from foundation.mail.store import MAIL
from foundation.sql.database import Database
from foundation.subjects import Subject
from tests.support.candidates.paying import FEE, move_money
from tests.support.casework.messages import MAILBOX
from tests.support.tasks import EFFECTS, KNOWN, submitted

BATCHES = PaymentLetters(KNOWN, MAILBOX).batches()

FILE = Subject("submission", "1")

FIRST = (FileTask.PAYMENT_CONFIRMATION, FileTask.FILE_OPENING)


async def said(db: Database, account: int = 1) -> list[Message]:
    """The messages about letters of a payment, the first one first."""
    found = await db.read(lambda conn: messages.of_account(conn, account))
    titles = {BOTH_TITLE, CONFIRMATION_TITLE}
    return sorted((one for one in found if one.title in titles), key=lambda one: one.at)


async def filed(db: Database, kind: FileTask, numbers: tuple[int, ...] = (1,)) -> None:
    """A batch of one kind, made and filed."""
    subjects = [Subject.row("submission", number) for number in numbers]
    record = await BATCHES[kind].make(db, subjects, now_ms())
    await db.write(lambda conn: record(conn, subjects))


@pytest.mark.parametrize("order", [FIRST, FIRST[::-1]])
async def test_the_second_of_the_two_says_it(database: Database, order: tuple[FileTask, ...]) -> None:
    """After the first one nobody is told yet; then both letters are in one message."""
    await submitted(database)
    await database.write(lambda conn: move_money(conn, FEE, "card"))
    first, second = order
    await filed(database, first)
    assert await said(database) == []
    await filed(database, second)
    (one,) = await said(database)
    assert one.title == BOTH_TITLE and one.number is not None
    assert [of.kind for of in one.attachments] == [
        DocumentKind.PAYMENT_CONFIRMATION, DocumentKind.FILE_OPENING,
    ]  # fmt: skip


async def test_two_workers_at_once_say_it_once(database: Database) -> None:
    """Each files one of the two for the same files, at the same moment."""
    numbers = (1, 2, 3, 4)
    await submitted(database, len(numbers))
    for number in numbers:
        await database.write(lambda conn, n=number: move_money(conn, FEE, f"card:{n}", number=n))  # type: ignore[misc]
    await asyncio.gather(*(filed(database, kind, numbers) for kind in FIRST))
    assert [len(await said(database, number)) for number in numbers] == [1, 1, 1, 1]


async def test_a_look_before_the_filing_would_miss_the_other(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: where both look before they file, without waiting for the audit's lock, nobody says it."""
    database, both = Database(postgresql_url), asyncio.Barrier(2)
    await submitted(database)
    await database.write(lambda conn: move_money(conn, FEE, "card"))

    async def early(_: PaymentLetters, conn: AsyncConnection, made: Sequence[MadeDocument], now: int) -> None:
        there = await payment_announced.there(conn, {FILE.id})
        await both.wait()
        await documents.file_made(conn, made, now)
        told = [payment_announced.announced(one.made_of, there[FILE.id]) for one in made]
        assert told == [[]]

    monkeypatch.setattr(PaymentLetters, "_file", early)
    await asyncio.gather(*(filed(database, kind) for kind in FIRST))
    assert await said(database) == []
    await database.close()


async def test_a_payment_that_came_again_is_said_again(database: Database) -> None:
    """Its confirmation alone: the file is open. All four tasks in one ring, done by two workers that both were rung."""
    await submitted(database)
    await database.write(lambda conn: move_money(conn, FEE, "in", charge="ch_1"))
    await database.write(lambda conn: move_money(conn, FEE, "out", kind=MovementKind.OUT, charge="ch_1"))
    await database.write(lambda conn: move_money(conn, FEE, "again", charge="ch_1"))
    rings = [ring for ring in await outbox.due(database, now_ms(), batched=BATCHES) if ring.batch in BATCHES]
    done = await asyncio.gather(*(perform_all(database, EFFECTS, BATCHES, rings) for _ in range(2)))
    assert sum(done) == len(rings) == 4
    assert sorted((one.title, len(one.attachments)) for one in await said(database)) == [
        (CONFIRMATION_TITLE, 1), (BOTH_TITLE, 2),
    ]  # fmt: skip


async def test_without_its_lease_a_batch_says_nothing(database: Database) -> None:
    """What a worker that lost its tasks had made is in no mailbox: the message is in the transaction of the letters."""
    await submitted(database)
    await database.write(lambda conn: move_money(conn, FEE, "card"))

    async def killed() -> None:
        for kind in FIRST:
            record = await BATCHES[kind].make(database, [FILE], now_ms())

            async def write(conn: object, record: object = record) -> None:
                await record(conn, [FILE])  # type: ignore[operator]
                raise RuntimeError("killed")

            with pytest.raises(RuntimeError, match="killed"):
                await database.write(write)

    await killed()
    assert await said(database) == []
    t = outbox.task.c
    mails = await database.read(lambda conn: conn.execute(sa.select(t.id).where(t.kind == MAIL)))
    assert mails.all() == []
    for kind in FIRST:
        await filed(database, kind)
    assert len(await said(database)) == 1
