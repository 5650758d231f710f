"""The section « Documents » of a file's page: the documents of that file."""

from sqlalchemy.ext.asyncio import AsyncConnection

from casework.file_page.sections import FileView
from casework.files import events
from casework.files.sheet import sheet
from casework.files.states import FileEventKind
from casework.letters.section import section
from config.assets import templates
from foundation.sql.database import Database
from tests.support.casework.file_events import happened
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
    assert before == {"documents": [], "is_printable": False, "is_over": False}
    assert [one.title for one in after["documents"]] == ["Confirmation d’admission dans le quota"]


async def test_of_an_ended_file_no_payment_is_promised_to_bring_the_summary(on_sqlite: Database) -> None:
    """It was said to be there « une fois les frais payés », to somebody who had paid and taken the application back."""
    await submitted(on_sqlite)
    await happened(on_sqlite, 1, FileEventKind.PAID)
    await happened(on_sqlite, 1, FileEventKind.WITHDRAWN)
    view = await on_sqlite.read(_view)
    found = await on_sqlite.read(lambda conn: section(conn, view))
    shown = templates().get_template(found.template).render(section=found, view=view)
    assert (found.values["is_printable"], "une fois les frais payés" in shown) == (False, False)


async def _view(conn: AsyncConnection) -> FileView:
    head = await sheet(conn, PERSONAL, 1)
    return FileView(sheet=head, history=await events.history(conn, 1), now=1)
