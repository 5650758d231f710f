"""« Modifications » on the page of a file: how many there are, and the way to them."""

from sqlalchemy.ext.asyncio import AsyncConnection

from casework.amendments import reading
from casework.amendments.sealing import AmendmentCipher
from casework.file_page.sections import FileSection, FileView, NextStep, Section
from casework.switches.telling import AMENDABLE


def amendments_section(cipher: AmendmentCipher) -> Section:
    """While a file may be amended, or was; what an agent asked about the newest stands on top of the page."""

    async def read(conn: AsyncConnection, view: FileView) -> FileSection | None:
        found = await reading.of_file(conn, cipher, view.sheet.submission)
        if not found and view.status not in AMENDABLE:
            return None
        href = f"/dossiers/{view.number}/modifications"
        asked = [one for one in found if one.reviews and one.reviews[-1].question]
        steps = [
            NextStep(text=f"Répondre à la question posée sur la modification {one.serial}", href=href)
            for one in asked
        ]
        counted = sum(one.counts for one in found)
        values = {"count": counted, "without_effect": len(found) - counted, "href": href}
        return FileSection(
            id="modifications", title="Modifications", template="amendments_section.html",
            values=values, next_steps=steps,
        )  # fmt: skip

    return read
