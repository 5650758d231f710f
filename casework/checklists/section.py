"""The list on the page of its file: what is asked of whom, by when, where it goes, and where each document stands."""

from itertools import groupby

from sqlalchemy.ext.asyncio import AsyncConnection

from casework.checklists.items import Checklist, find
from casework.checklists.letter import format_words, whose
from casework.checklists.services import ChecklistServices
from casework.checklists.states import ACTS_DONE, STATE_TEXTS, STATES, ItemAct, item_moved
from casework.file_page.sections import FileSection, FileView, NextStep, Section
from casework.files.states import FileStatus
from server.rendering.counted import counted
from server.rendering.templating import day_words

ANCHOR = "documents-demandes"


def list_section(services: ChecklistServices) -> Section:
    """The section of a list, once it went out."""

    async def section(conn: AsyncConnection, view: FileView) -> FileSection | None:
        listed = await find(conn, services.cipher, view.sheet.submission)
        if listed is None:
            return None
        awaits, due = view.status is FileStatus.AWAITING_DOCUMENTS, listed.deadline()
        rules = services.rules.get(listed.programme)
        return FileSection(
            id=ANCHOR,
            title="Documents demandés",
            template="checklist_section.html",
            values={
                "list": listed,
                "groups": [
                    (whose(person, name), list(items))
                    for (person, name), items in groupby(listed.items, key=lambda one: (one.person, one.name))
                ],
                "due": due,
                "awaits": awaits,
                "settled": sum(item.is_settled for item in listed.items),
                "explains": [
                    item.number for item in listed.items if awaits and item_moved(item.state, ItemAct.EXPLAIN)
                ],
                "states": STATES,
                "texts": STATE_TEXTS,
                "acts": ACTS_DONE,
                "day": day_words,
                "format": format_words,
                "number": view.number,
                "is_sample": rules is not None and rules.sample,
            },
            next_steps=next_steps(listed) if awaits else (),
        )

    return section


def next_steps(listed: Checklist) -> list[NextStep]:
    """What the candidate has to do about the list. Pure."""
    if not listed.awaited:
        return []
    many, due = counted(len(listed.awaited), "document"), listed.deadline()
    return [NextStep(text=f"Postez {many} au plus tard le {day_words(due.last_day)}", href=f"#{ANCHOR}")]
