"""What a list does to its file: once all of it is settled the examination begins, and stops when something is asked for
again (DC-03)."""

from sqlalchemy.ext.asyncio import AsyncConnection

from casework.checklists.items import required
from casework.files import events
from casework.files.states import FileEventKind, FileStatus
from foundation.audit import By
from foundation.calendar.days import day_of


async def settle_file(
    conn: AsyncConnection, submission: int, number: int | None, by: By, now: int
) -> FileStatus:
    """Record what follows for the file from the last act about its list, whose lock is held; where the file stands.

    `number` is the item that the act was about.
    """
    listed = await required(conn, None, submission)
    of = await events.history(conn, submission)
    key = str(len(of.events))
    if number is not None and listed.item(number).is_settled and of.status is FileStatus.AWAITING_DOCUMENTS:
        await events.record(conn, of, FileEventKind.ITEM_SETTLED, by, now, key=key, item=number)
        of = await events.history(conn, submission)
        key = str(len(of.events))
    if listed.is_complete and of.status is FileStatus.AWAITING_DOCUMENTS:
        return await events.record(conn, of, FileEventKind.DOCUMENTS_COMPLETE, by, now, key=key)
    if not listed.is_complete and of.status is FileStatus.IN_EXAMINATION:
        return await events.record(
            conn,
            of,
            FileEventKind.DOCUMENTS_REOPENED,
            by,
            now,
            key=key,
            on_day=day_of(now),
            item=number,
            days=listed.days.again,
        )
    return of.status
