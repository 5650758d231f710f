"""« Modifications » on the page of a file."""

from casework.amendments.sealing import AmendmentCipher
from casework.amendments.section import amendments_section
from casework.file_page.sections import FileView
from casework.files import events
from casework.files.sheet import sheet
from casework.files.states import FileEventKind
from foundation.clock import now_ms
from foundation.sql.database import Database
from tests.support.casework.file_events import happened
from tests.support.desks import PERSONAL
from tests.support.tasks import submitted


async def test_it_is_there_once_the_file_is_paid(on_sqlite: Database) -> None:
    """With the way to the page; before the payment nothing of it is said."""
    await submitted(on_sqlite)
    section = amendments_section(AmendmentCipher(PERSONAL.amendments))

    async def read(conn: object) -> object:
        head, history = await sheet(conn, PERSONAL, 1), await events.history(conn, 1)  # type: ignore[arg-type]
        return await section(conn, FileView(sheet=head, history=history, now=now_ms()))  # type: ignore[arg-type]

    assert await on_sqlite.read(read) is None
    await happened(on_sqlite, 1, FileEventKind.PAID)
    found = await on_sqlite.read(read)
    assert found is not None and found.values["count"] == 0  # type: ignore[attr-defined]
    assert found.values["href"].endswith("/modifications")  # type: ignore[attr-defined]
