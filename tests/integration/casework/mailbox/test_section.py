"""What was written about a file, on the page of that file."""

from sqlalchemy.ext.asyncio import AsyncConnection

from casework.file_page.sections import FileSection, FileView
from casework.files import events
from casework.files.sheet import sheet
from casework.mailbox.messages import mark_read
from casework.mailbox.section import messages_section
from foundation.clock import now_ms
from foundation.sql.database import Database
from foundation.subjects import Subject
from tests.support.casework.messages import delivered
from tests.support.desks import PERSONAL
from tests.support.tasks import about, submitted


async def section_of(db: Database, number: int) -> FileSection | None:
    """The section on the page of this file."""

    async def read(conn: AsyncConnection) -> FileSection | None:
        head, of = await sheet(conn, PERSONAL, number), await events.history(conn, number)
        return await messages_section(conn, FileView(sheet=head, history=of, now=now_ms()))

    return await db.read(read)


async def test_a_file_shows_what_is_about_it(on_sqlite: Database) -> None:
    """An unread message is something to do; what is about the account or another file is elsewhere."""
    await submitted(on_sqlite, 2)
    await delivered(on_sqlite, 1, Subject.row("account", 1), "account")
    assert await section_of(on_sqlite, 1) is None
    id = await delivered(on_sqlite, 1, about(1), "file")
    section = await section_of(on_sqlite, 1)
    assert section is not None
    assert [one.id for one in section.values["messages"]] == [id]
    assert [step.href for step in section.next_steps] == [f"/messages/{id}"]
    await on_sqlite.write(lambda conn: mark_read(conn, id, 1, 5))
    section = await section_of(on_sqlite, 1)
    assert section is not None and not section.next_steps
    assert await section_of(on_sqlite, 2) is None
