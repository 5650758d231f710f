"""Whose documents are overdue is seen in the queue; nothing else follows from it (DC-02)."""

import pytest

from casework.files.states import FileStatus
from console.casefiles.queue import FileQueue, queue
from foundation.clock import now_ms
from foundation.sql.database import Database
from tests.support.casework.lists import listed, status_of_file

DAY_MS = 86_400_000


async def seen(db: Database) -> FileQueue:
    return await db.read(lambda conn: queue(conn, FileStatus.AWAITING_DOCUMENTS, 1, now_ms()))


@pytest.mark.parametrize(("days_ago", "is_overdue"), [(0, False), (200, True)])
async def test_an_overdue_list_is_flagged_and_the_file_stands(
    on_sqlite: Database, days_ago: int, is_overdue: bool
) -> None:
    await listed(on_sqlite, now_ms() - days_ago * DAY_MS)
    (one,) = (await seen(on_sqlite)).files
    assert one.is_overdue is is_overdue and one.due_on is not None
    assert await status_of_file(on_sqlite) is FileStatus.AWAITING_DOCUMENTS
