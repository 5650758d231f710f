"""The page of a file shows the decision in force, and nothing of a proposal."""

from casework.decisions.section import decision_section
from casework.decisions.states import DecisionOutcome
from casework.file_page.sections import FileSection, FileView
from casework.files import events
from casework.files.sheet import sheet
from foundation.clock import now_ms
from foundation.sql.database import Database
from tests.integration.casework.decisions.test_deciding import confirm, examined, propose
from tests.support.casework.lists import DECISIONS
from tests.support.desks import PERSONAL


async def shown(db: Database) -> FileSection | None:
    async def read(conn):  # type: ignore[no-untyped-def]
        view = FileView(
            sheet=await sheet(conn, PERSONAL, 1), history=await events.history(conn, 1), now=now_ms()
        )
        return await decision_section(DECISIONS)(conn, view)

    found: FileSection | None = await db.read(read)
    return found


async def test_a_proposal_is_not_shown_and_a_decision_is(on_sqlite: Database) -> None:
    await examined(on_sqlite)
    await propose(on_sqlite, DecisionOutcome.REFUSED)
    assert await shown(on_sqlite) is None
    await confirm(on_sqlite)
    found = await shown(on_sqlite)
    assert found is not None and found.values["outcome"] == "Refusée"
    assert found.next_steps and found.next_steps[0].href.startswith("/documents/")
