"""Reading what deadlines are counted from."""

import pytest

from casework.deadlines.dated_files import dated_file, dated_files, standing_after
from casework.files.states import FileEventKind, FileStatus
from foundation.errors import Code, Refusal
from foundation.sql.database import Database
from tests.support.casework.file_events import happened
from tests.support.tasks import KNOWN, submitted


async def test_files_are_read_with_what_happened_to_them(database: Database) -> None:
    """In the order of their numbers, each with its own events; the days are those of the period."""
    await submitted(database, 3)
    await happened(database, 2, FileEventKind.PAID)
    found = await database.read(lambda conn: dated_files(conn, KNOWN, [3, 2, 9]))
    assert list(found) == [2, 3]
    assert [one.status for one in found.values()] == [FileStatus.PAID, FileStatus.AWAITING_PAYMENT]
    assert {one.pay_days for one in found.values()} == {30}
    assert await database.read(lambda conn: standing_after(conn, 1, 1)) == [2]


async def test_no_file_is_not_found(database: Database) -> None:
    with pytest.raises(Refusal) as refused:
        await database.read(lambda conn: dated_file(conn, KNOWN, 9))
    assert refused.value.code == Code.NOT_FOUND
