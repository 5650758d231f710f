"""The decision on the page of its file: that there is one, of which day, and where its letter is."""

from sqlalchemy.ext.asyncio import AsyncConnection

from casework import documents
from casework.decisions.deciding import in_force, of_file
from casework.decisions.services import DecisionServices
from casework.decisions.states import OUTCOMES
from casework.documents import DocumentKind
from casework.file_page.sections import FileSection, FileView, NextStep, Section
from foundation.subjects import Subject
from server.rendering.templating import day_words
from submission.store import SUBMISSION


def decision_section(services: DecisionServices) -> Section:
    """The section of the decision in force; nothing of a proposal."""

    async def section(conn: AsyncConnection, view: FileView) -> FileSection | None:
        made = in_force(await of_file(conn, services, view.sheet.submission))
        if made is None or made.on_day is None:
            return None
        filed = await documents.of_subject(conn, Subject.row(SUBMISSION, view.sheet.submission))
        letters = [one for one in filed if one.kind == DocumentKind.DECISION]
        letter = letters[-1] if letters else None
        steps = [NextStep(text="Lisez la lettre de décision", href=letter.href)] if letter else []
        return FileSection(
            id="decision",
            title="Décision",
            template="decision_section.html",
            values={"outcome": OUTCOMES[made.outcome], "day": day_words(made.on_day), "letter": letter},
            next_steps=steps,
        )

    return section
