"""The deadlines of a list, for the one place that knows all deadlines of a file (P13): they move when a day is
proclaimed a holiday. Pure, but for what follows a move."""

from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncConnection

from casework.checklists.items import find
from casework.checklists.sending import stage_reminder
from casework.deadlines.open_deadlines import DatedFile, DeadlineSource, OpenDeadline, last_told
from casework.deadlines.states import DeadlineKind
from casework.files.events import FileEvent
from casework.files.states import FileEventKind, FileStatus
from foundation.calendar.closures import Closures
from foundation.calendar.spans import calendar_days


def open_lists(of: DatedFile, closures: Closures) -> Iterable[OpenDeadline]:
    """The deadline of the list as it went out, of what was added to it, and of each document which was asked for again
    and is not settled."""
    if of.status is not FileStatus.AWAITING_DOCUMENTS:
        return
    for event in of.history.events:
        if event.kind is FileEventKind.CHECKLIST_SENT and not event.detail.get("resumed"):
            number = event.detail.get("added")
            yield _counted(of, event, "" if number is None else f"from-{number}", closures)
    for key, event in _again(of).items():
        yield _counted(of, event, key, closures)


def _again(of: DatedFile) -> dict[str, FileEvent]:
    """The last time that a document was asked for again, by its number, unless it was settled afterwards."""
    found: dict[str, FileEvent] = {}
    for event in of.history.events:
        number = str(event.detail.get("item"))
        if event.kind is FileEventKind.DOCUMENTS_REOPENED:
            found[number] = event
        elif event.kind is FileEventKind.ITEM_SETTLED:
            found.pop(number, None)
    return found


def _counted(of: DatedFile, event: FileEvent, key: str, closures: Closures) -> OpenDeadline:
    assert event.on_day is not None
    days = int(event.detail["days"])
    first = calendar_days(event.on_day, days).last_day
    one = OpenDeadline(
        kind=DeadlineKind.DOCUMENTS, key=key, found=calendar_days(event.on_day, days, closures), told=first
    )
    return OpenDeadline(
        kind=one.kind, key=one.key, found=one.found, told=last_told(of.history, one.name, first)
    )


async def remind_later(conn: AsyncConnection, of: DatedFile, one: OpenDeadline, now: int) -> None:
    """The reminders of a deadline that moved come by the new day; those of the old one find that out by themselves."""
    listed = await find(conn, None, of.submission)
    if listed is not None:
        await stage_reminder(conn, listed, now)


DOCUMENTS = DeadlineSource(open_lists, remind_later)
