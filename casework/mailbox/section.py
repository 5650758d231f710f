"""What the Ministry has written about a file, on the page of that file; the rest is in the mailbox alone."""

from sqlalchemy.ext.asyncio import AsyncConnection

from casework.file_page.sections import FileSection, FileView, NextStep
from casework.mailbox import messages


async def messages_section(conn: AsyncConnection, view: FileView) -> FileSection | None:
    """The messages about this file, the latest first, and the latest unread one as something to do: an older one may be
    about what is done by now. No section where there is none."""
    found = [one for one in await messages.of_account(conn, view.sheet.account) if one.number == view.number]
    if not found:
        return None
    waiting = [one for one in found if one.read_at is None]
    return FileSection(
        id="messages",
        title="Messages",
        template="messages_section.html",
        values={"messages": found},
        next_steps=[NextStep(text=f"Lire le message « {one.title} »", href=one.href) for one in waiting[:1]],
    )
