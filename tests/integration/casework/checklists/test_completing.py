"""What the list does to its file, each time once."""

from casework.checklists.completing import settle_file
from casework.files import events
from casework.files.states import FileEventKind, FileStatus
from foundation.audit import SERVICE
from foundation.clock import now_ms
from foundation.sql.database import Database
from tests.integration.casework.checklists.test_handling import receive
from tests.support.casework.lists import listed


async def test_a_complete_list_is_said_once(on_sqlite: Database) -> None:
    await listed(on_sqlite)
    for number in (1, 2, 3, 4):
        await receive(on_sqlite, number)
    again = await on_sqlite.write(lambda conn: settle_file(conn, 1, None, SERVICE, now_ms()))
    assert again is FileStatus.IN_EXAMINATION
    kinds = [event.kind for event in (await on_sqlite.read(lambda conn: events.history(conn, 1))).events]
    assert kinds.count(FileEventKind.DOCUMENTS_COMPLETE) == 1
    assert kinds.count(FileEventKind.ITEM_SETTLED) == 4
