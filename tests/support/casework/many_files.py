"""Thousands of files in seconds, for tests of what happens to all of them: clones of one that was really submitted."""

from collections.abc import Sequence
from datetime import date, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.store import account
from foundation.calendar.days import instant_on
from foundation.sql.database import LONG_SECONDS, Database
from foundation.sql.tables import plain_row
from submission.pay_by import pay_by
from submission.store import submission
from tests.support.tasks import submitted

AT_ONCE = 500


async def many_files(db: Database, count: int, days: Sequence[date]) -> None:
    """So many files, each of an account of its own; the first is submitted on the first of these days at noon, the next
    on the second, and so on in turn. Thirty days to pay."""
    await submitted(db)
    await db.write(lambda conn: _clone(conn, count, days), LONG_SECONDS)


async def _clone(conn: AsyncConnection, count: int, days: Sequence[date]) -> None:
    person = plain_row((await conn.execute(sa.select(account))).one())
    file = plain_row((await conn.execute(sa.select(submission))).one())
    noons = [instant_on(day, time(12)) for day in days]
    people: list[dict[str, Any]] = []
    files: list[dict[str, Any]] = []
    for n in range(2, count + 1):
        at = noons[(n - 1) % len(noons)]
        people.append(person | {"id": n, "username": f"essai-{n:05d}"})
        files.append(
            file
            | {
                "id": n,
                "account": n,
                "receipt": f"{file['receipt']}{n}",
                "rank": n,
                "number": n,
                "person": f"p{n}",
            }
            | {"submitted_at": at, "pay_by": pay_by(at, 30)}
        )
    for table, rows in ((account, people), (submission, files)):
        for start in range(0, len(rows), AT_ONCE):
            await conn.execute(sa.insert(table), rows[start : start + AT_ONCE])
    first = {"submitted_at": noons[0], "pay_by": pay_by(noons[0], 30)}
    await conn.execute(sa.update(submission).where(submission.c.id == 1).values(first))
