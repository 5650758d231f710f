"""The worker's part for tests: every effect, with the programmes of the repository, and tasks done without a worker."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from config.effects import effects
from config.settings import PROGRAMMES
from foundation import outbox
from foundation.sql.database import Database
from foundation.subjects import Subject
from quota.programmes import load_all
from submission.follow_up import FollowUp
from submission.forms.files import load_forms
from submission.store import SUBMISSION
from tests.support.desks import call, make_account, make_desk, sign_in, signed
from tests.support.rooms import KEYS, make_period

t = outbox.task

KNOWN = load_all(PROGRAMMES)

EFFECTS = effects(KNOWN, load_forms(PROGRAMMES / "forms", KNOWN), KEYS, "http://guichet.test")


def about(submission: int) -> Subject:
    """The submission of this number as a subject."""
    return Subject.row(SUBMISSION, submission)


async def perform(db: Database, task: int, attempt: int) -> bool:
    """Do a task as the worker does."""
    return await outbox.perform(db, EFFECTS, task, attempt)


async def confirm(conn: AsyncConnection, submission: int, now: int) -> None:
    """File a submission's confirmation, without its task."""
    await EFFECTS[FollowUp.CONFIRMATION](conn, about(submission), now)


async def submitted(db: Database, many: int = 1, **period_values: Any) -> str:
    """This many accepted submissions, whose tasks are staged; the first one's receipt. The period has these values."""
    desk = make_desk(db)
    period = await make_period(db, cap=100, **period_values)
    first = ""
    for number in range(1, many + 1):
        await make_account(desk, number)
        called = await call(desk, period, number)
        accepted = await desk.submit(called.visit(await sign_in(desk, None, number)), "essai", signed(called))
        first = first or accepted.receipt
    return first


async def rows(db: Database, *columns: sa.Column[Any]) -> list[tuple[Any, ...]]:
    """These columns of all rows of a table, in the order of the first, then of their keys."""
    order = (columns[0], *columns[0].table.primary_key)
    found = await db.read(lambda conn: conn.execute(sa.select(*columns).order_by(*order)))
    return [tuple(row) for row in found]


async def change(db: Database, **values: Any) -> None:
    """Set these values in every task."""
    await db.write(lambda conn: conn.execute(sa.update(t).values(values)))


async def confirmation(db: Database) -> int:
    """The id of the task that files the confirmation, of several the first one's."""
    first = sa.select(sa.func.min(t.c.id)).where(t.c.kind == "confirmation")
    task: int = (await db.read(lambda conn: conn.execute(first))).scalar_one() or 0
    return task
