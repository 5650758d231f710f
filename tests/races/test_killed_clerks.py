"""A process that enters payments by post and is killed again and again: each entry is whole and once, or not at all."""

import asyncio
import os
import sys
from functools import partial

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.files.states import FileEventKind
from casework.files.store import file_event
from casework.files.tasks import FileTask
from casework.mailroom.states import MailItemState, MailMove
from casework.mailroom.store import mail_event, mail_item
from casework.payments.store import movement
from foundation import outbox
from foundation.sql.database import Database
from tests.support.casework.mail import entered, payment
from tests.support.casework.mail_desk import key_of
from tests.support.places import ROOT
from tests.support.tasks import rows, submitted

MANY = 12

LONGEST_RUNS = 60
"""Processes that are started until one of them finds nothing left to do."""


async def desk(url: str, lines: int) -> bool:
    """Start a clerk, and kill it a moment after it has said so many lines; True when it came to its end before."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.casework.mail_desk", url, str(MANY),
        stdout=asyncio.subprocess.PIPE, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert process.stdout is not None
    for _ in range(lines):
        if not await process.stdout.readline():
            break
    await asyncio.sleep(
        0.003 * (lines % 7)
    )  # a different line of the entry each time: what is raced is the kill itself
    if process.returncode is None:
        process.kill()
    await process.stdout.read()
    return await process.wait() == 0


async def whole(db: Database) -> int:
    """How many are entered; each with its three moves, its one movement, its event and its two tasks, or nothing."""
    items = await rows(db, mail_item.c.id, mail_item.c.submission, mail_item.c.state, mail_item.c.key)
    moves = await rows(db, mail_event.c.item, mail_event.c.move)
    money = await rows(db, movement.c.submission)
    paid = await rows(db, file_event.c.submission, file_event.c.kind)
    opening = outbox.task.c.kind == FileTask.FILE_OPENING
    tasks = await db.read(lambda conn: conn.execute(sa.select(sa.func.count()).where(opening)))
    for id, submission, state, key in items:
        assert (state, key) == (MailItemState.ACCEPTED, key_of(submission))
        steps = [move for item, move in moves if item == id]
        assert sorted(steps) == sorted([MailMove.RECEIVE, MailMove.MATCH, MailMove.ACCEPT])
    numbers = sorted(submission for _, submission, _, _ in items)
    assert sorted(number for (number,) in money) == numbers
    assert sorted(number for number, kind in paid if kind == FileEventKind.PAID) == numbers
    assert tasks.scalar_one() == len(numbers) and len(moves) == 3 * len(items)
    return len(items)


@pytest.mark.slow
async def test_a_killed_clerk_leaves_whole_entries(database: Database, database_url: str) -> None:
    """kill -9 after one, two, three answers and in the middle of the next: what is there is whole, and goes on."""
    await submitted(database, MANY)
    for run in range(1, LONGEST_RUNS):
        is_done = await desk(database_url, run)
        found = await whole(database)
        if is_done:
            break
    assert found == MANY


async def forget(conn: AsyncConnection, table: sa.Table, which: sa.ColumnElement[bool]) -> None:
    """Take these rows away."""
    await conn.execute(sa.delete(table).where(which))


@pytest.mark.slow
async def test_half_an_entry_would_be_seen(database: Database) -> None:
    """Twin: with its movement away, or one of its moves, what is there is not whole."""
    await submitted(database, 2)
    for number in (1, 2):
        await entered(database, await payment(database, number), key=key_of(number))
    assert await whole(database) == 2
    for table, which in ((movement, movement.c.submission == 1), (mail_event, mail_event.c.item == 2)):
        await database.write(partial(forget, table=table, which=which))
        with pytest.raises(AssertionError):
            await whole(database)
