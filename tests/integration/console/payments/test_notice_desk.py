"""The list of files that nobody was told to pay: those that moved on are not read."""

from casework.files.states import FileEventKind
from console.payments.notice_desk import untold
from foundation.calendar.days import DAY_MS
from foundation.clock import now_ms
from foundation.sql.database import Database
from tests.support.candidates.paying import PAYMENTS
from tests.support.casework.file_events import happened
from tests.support.tasks import submitted


async def test_only_those_that_wait_for_a_notice(database: Database) -> None:
    await submitted(database, 3)
    await happened(database, 2, FileEventKind.PAID)
    await happened(database, 3, FileEventKind.WITHDRAWN)
    late = now_ms() + 90 * DAY_MS
    assert await database.read(lambda conn: untold(conn, PAYMENTS, now_ms())) == []
    found = await database.read(lambda conn: untold(conn, PAYMENTS, late))
    assert [one.number for one in found] == ["D-0000001-95"]
