"""The section « Documents » of a file's page: the documents of that file."""

from sqlalchemy.ext.asyncio import AsyncConnection

from casework.file_page.sections import FileView
from casework.files import events
from casework.files.sheet import sheet
from casework.letters.section import section
from foundation.sql.database import Database
from tests.support.desks import PERSONAL
from tests.support.tasks import confirm, submitted


async def test_a_section_lists_the_documents_of_its_file(database: Database) -> None:
    """Nothing before, the confirmation after; the summary is not to be had before the payment."""
    await submitted(database)
    found = []
    for _ in range(2):
        view = await database.read(_view)
        found.append(await database.read(lambda conn, of=view: section(conn, of)))  # type: ignore[misc]
        if len(found) == 1:
            await database.write(lambda conn: confirm(conn, 1, 1_465_821_000_000))
    before, after = (one.values for one in found)
    assert before == {"documents": [], "is_printable": False}
    assert [one.title for one in after["documents"]] == ["Confirmation d’admission dans le quota"]


async def _view(conn: AsyncConnection) -> FileView:
    head = await sheet(conn, PERSONAL, 1)
    return FileView(sheet=head, history=await events.history(conn, 1), now=1)
