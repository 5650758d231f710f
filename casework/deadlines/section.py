"""The deadlines on the page of a file: each with its last day and how that was computed (P13)."""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection

from casework.deadlines.dated_files import dated_file
from casework.deadlines.explained import long_day, steps
from casework.deadlines.open_deadlines import DeadlineSource, OpenDeadline, open_deadlines
from casework.deadlines.states import KINDS, DeadlineKind
from casework.file_page.sections import FileSection, FileView, Section
from foundation.calendar.days import day_of
from foundation.calendar.proclaimed import closures
from quota.programmes import Programme


def deadlines_section(sources: Sequence[DeadlineSource], programmes: Mapping[str, Programme]) -> Section:
    """Every open deadline, the soonest first; no section where there is none."""

    async def read(conn: AsyncConnection, view: FileView) -> FileSection | None:
        of = await dated_file(conn, programmes, view.sheet.submission)
        today, closed = day_of(view.now), await closures(conn)
        found = [one for _, one in open_deadlines(sources, of, closed) if is_shown(one, today)]
        if not found:
            return None
        shown = [
            {"what": KINDS[one.kind], "day": long_day(one.last_day), "lines": steps(one.found, one.told)}
            for one in sorted(found, key=lambda one: one.last_day)
        ]
        return FileSection(
            id="delais", title="Vos délais", template="deadlines_section.html", values={"deadlines": shown}
        )

    return read


def is_shown(one: OpenDeadline, today: date) -> bool:
    """What is awaited is shown, however late it is; of a remedy nothing is once its last day is over. Pure."""
    return one.kind is not DeadlineKind.REMEDY or today <= one.last_day
