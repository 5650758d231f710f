"""The deadlines on the page of a file."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from casework.deadlines.open_deadlines import OpenDeadline
from casework.deadlines.section import deadlines_section, is_shown
from casework.deadlines.states import DeadlineKind
from casework.file_page.sections import FileView
from casework.files import events
from casework.files.sheet import sheet
from casework.files.states import FileEventKind
from config.assets import renderer
from config.wiring.deadlines import SOURCES
from foundation.calendar.spans import calendar_days
from foundation.clock import now_ms
from foundation.sql.database import Database
from tests.support.casework.dated import LAST_DAY
from tests.support.casework.file_events import happened
from tests.support.casework.messages import MAILBOX
from tests.support.tasks import KNOWN, submitted


async def test_each_open_deadline_explains_itself(database: Database) -> None:
    """While the payment is awaited; a paid file has none yet."""
    await submitted(database)
    section = deadlines_section(SOURCES, KNOWN)

    async def read(conn: AsyncConnection) -> FileView:
        head, history = await sheet(conn, MAILBOX.personal, 1), await events.history(conn, 1)
        return FileView(sheet=head, history=history, now=now_ms())

    seen = await database.read(read)
    found = await database.read(lambda conn: section(conn, seen))
    assert found is not None
    page = renderer().text(found.template, section=found)
    assert "Payer les frais" in page
    assert "Comment cette date est calculée" in page
    assert "30 jours civils" in page
    await happened(database, 1, FileEventKind.PAID)
    paid = await database.read(read)
    assert await database.read(lambda conn: section(conn, paid)) is None


def test_a_remedy_is_shown_until_its_last_day() -> None:
    """A payment that is late is still awaited."""
    found, day = calendar_days(LAST_DAY, 0), LAST_DAY + timedelta(days=1)
    shown = {
        kind: [
            is_shown(OpenDeadline(kind=kind, found=found, told=LAST_DAY), today) for today in (LAST_DAY, day)
        ]
        for kind in (DeadlineKind.REMEDY, DeadlineKind.PAYMENT)
    }
    assert shown == {DeadlineKind.REMEDY: [True, False], DeadlineKind.PAYMENT: [True, True]}
