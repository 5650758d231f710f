"""What a file's page says of its documents."""

from sqlalchemy.ext.asyncio import AsyncConnection

from casework import documents
from casework.file_page.sections import FileSection, FileView
from casework.files.status import ENDS
from casework.payments.states import OPENED
from foundation.subjects import Subject
from submission.store import SUBMISSION

ID, TITLE = "documents", "Documents"


async def section(conn: AsyncConnection, view: FileView) -> FileSection:
    """The documents of a file, in the order in which they were filed, and what can be printed of it."""
    filed = await documents.of_subject(conn, Subject.row(SUBMISSION, view.sheet.submission))
    is_over = view.status in ENDS  # nothing is printed any more, and no payment changes that
    values = {"documents": filed, "is_printable": view.status in OPENED, "is_over": is_over}
    return FileSection(id=ID, title=TITLE, template="file_documents.html", values=values)
