"""The deadlines on the page of a file: each with its last day and how that was computed (P13)."""

from collections.abc import Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from casework.deadlines.dated_files import dated_file
from casework.deadlines.explained import long_day, steps
from casework.deadlines.open_deadlines import DeadlineSource, open_deadlines
from casework.deadlines.states import KINDS
from casework.file_page.sections import FileSection, FileView, Section
from foundation.calendar.proclaimed import closures
from quota.programmes import Programme


def deadlines_section(sources: Sequence[DeadlineSource], programmes: Mapping[str, Programme]) -> Section:
    """Every open deadline, the soonest first; no section where there is none."""

    async def read(conn: AsyncConnection, view: FileView) -> FileSection | None:
        of = await dated_file(conn, programmes, view.sheet.submission)
        found = [one for _, one in open_deadlines(sources, of, await closures(conn))]
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
