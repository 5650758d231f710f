"""The bare counterpart of submissions writes the same rows as the service, by the bare driver."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation import outbox
from foundation.sql.database import Database
from loadtests.bench.bare_submissions import alone, opened
from quota import ledger
from submission import store as submission_store
from submission.follow_up import FollowUp
from tests.bench.people import prepare


async def rows(db: Database, table: sa.Table) -> int:
    """How many there are; of tasks, those of submissions: drafts have some of their own."""

    async def count(conn: AsyncConnection) -> int:
        found = sa.select(sa.func.count()).select_from(table)
        if table is outbox.task:
            found = found.where(table.c.subject_kind == submission_store.SUBMISSION)
        return int((await conn.execute(found)).scalar_one())

    return await db.read(count)


async def test_what_was_prepared_is_submitted_in_one_transaction(
    database: Database, database_url: str
) -> None:
    """Rising ranks, a submission each with its first status and its jobs, on both stores."""
    await prepare(database_url, 3, "a key that signs in a benchmark, long enough")
    store = await opened(database_url)
    people = await store.people()
    assert [one.number for one in people] == [1, 2, 3]
    assert await store.commit(people) == [1, 2, 3]
    await store.close()
    tables = (submission_store.submission, submission_store.status_change, outbox.task)
    assert [await rows(database, table) for table in tables] == [3, 3, 3 * len(FollowUp)]
    period = await database.read(lambda conn: ledger.period_by_id(conn, "demo"))
    assert period.accepted == 3


async def test_transactions_alone_have_a_rate(database_url: str) -> None:
    """Without HTTP: submissions a second."""
    await prepare(database_url, 2, "a key that signs in a benchmark, long enough")
    assert await alone(database_url, 2) > 0
