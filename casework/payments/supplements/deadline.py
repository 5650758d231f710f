"""The deadline of a supplement, for the one place that knows all deadlines of a file (P13): it moves when a day is
proclaimed a holiday. Pure, but for what follows a move."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection

from casework.deadlines.open_deadlines import AfterMove, DatedFile, DeadlineSource, OpenDeadline, last_told
from casework.deadlines.states import DeadlineKind
from casework.files.events import FileEvent
from casework.files.states import FileEventKind
from casework.payments.states import AWAITS_SUPPLEMENT
from casework.payments.supplements import rows
from foundation.calendar.closures import Closures
from foundation.calendar.days import end_of_day
from submission.pay_by import payment_deadline


def open_supplements(of: DatedFile, closures: Closures) -> Iterable[OpenDeadline]:
    """The last day of the supplement that is due. Pure."""
    if of.status not in AWAITS_SUPPLEMENT:
        return
    for event in awaited_events(of):
        serial, days = str(event.detail["serial"]), int(event.detail["days"])
        first = date.fromisoformat(event.detail["pay_by"])
        found = payment_deadline(event.at, days, closures)
        one = OpenDeadline(kind=DeadlineKind.SUPPLEMENT, key=serial, found=found, told=first)
        yield OpenDeadline(
            kind=one.kind, key=serial, found=found, told=last_told(of.history, one.name, first)
        )


def awaited_events(of: DatedFile) -> Iterable[FileEvent]:
    """The amendments whose supplement is neither paid, lapsed nor given up, as they were recorded. Pure."""
    found: dict[int, FileEvent] = {}
    gone: dict[int, FileEvent] = {}
    for event in of.history.events:
        serial = int(event.detail.get("serial", 0))
        if event.kind is FileEventKind.AMENDED and "days" in event.detail:
            found[serial] = event
        elif event.kind is FileEventKind.SUPPLEMENT_REVERSED and not event.detail.get("lapsed"):
            found[serial] = gone[serial]
        elif event.kind is FileEventKind.AMENDMENT_RESTORED and serial in gone:
            found[serial] = gone.pop(serial)
        elif event.kind in SETTLES and serial in found:
            gone[serial] = found.pop(serial)
    return found.values()


SETTLES = frozenset(
    {FileEventKind.SUPPLEMENT_PAID, FileEventKind.AMENDMENT_LAPSED, FileEventKind.AMENDMENT_GIVEN_UP}
)
"""Events after which a supplement is not awaited."""


async def moved(conn: AsyncConnection, of: DatedFile, one: OpenDeadline, _now: int) -> None:
    """Write the new last day where every page, message and reminder reads it."""
    await rows.move_last_day(conn, of.submission, int(one.key), end_of_day(one.last_day))


SUPPLEMENT = DeadlineSource(find=open_supplements, moved=moved)


def supplement_source(then: AfterMove) -> DeadlineSource:
    """The same, with what else follows from a move: reminders for the new day."""

    async def moved_then(conn: AsyncConnection, of: DatedFile, one: OpenDeadline, now: int) -> None:
        await moved(conn, of, one, now)
        await then(conn, of, one, now)

    return DeadlineSource(find=open_supplements, moved=moved_then)
