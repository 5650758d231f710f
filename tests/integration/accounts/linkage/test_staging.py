"""Looking for other records of an account's person is staged with what makes or changes the account."""

from accounts.linkage.staging import LinkageTask, stage_scan
from foundation import outbox
from foundation.sql.database import Database
from tests.support.tasks import rows

t = outbox.task.c


async def test_a_scan_is_staged_once_for_each_change(database: Database) -> None:
    """The same change staged twice is one task; a later change is another."""
    for now in (1_000, 1_000, 2_000):
        await database.write(lambda conn, now=now: stage_scan(conn, 7, now))  # type: ignore[misc]
    staged = await rows(database, t.staged_at, t.kind, t.subject_kind, t.subject_id)
    assert staged == [(at, LinkageTask.ACCOUNT_SCAN, "account", "7") for at in (1_000, 2_000)]
