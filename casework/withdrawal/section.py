"""The way to take an application back, on the page of its file."""

from sqlalchemy.ext.asyncio import AsyncConnection

from casework.file_page.sections import FileSection, FileView
from casework.withdrawal.means import WITHDRAWABLE


async def withdrawal_section(conn: AsyncConnection, view: FileView) -> FileSection | None:
    """While it can be taken back. Nothing is read."""
    if view.status not in WITHDRAWABLE:
        return None
    return FileSection(
        id="retrait",
        title="Retirer la demande",
        template="withdrawal_section.html",
        values={"href": f"/dossiers/{view.number}/retrait"},
    )
