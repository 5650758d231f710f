"""Lists of documents and decisions for tests: the services with the rules of the repository, and files on their way."""

from sqlalchemy.ext.asyncio import AsyncConnection

from casework.checklists import sending
from casework.checklists.files import load_checklists
from casework.checklists.items import Checklist, required
from casework.checklists.services import checklist_services
from casework.decisions.files import load_decision_rules
from casework.decisions.services import decision_services
from casework.files import events
from casework.files.sheet import sheet
from casework.files.states import FileEventKind, FileStatus
from config.settings import PROGRAMMES
from foundation.audit import Actor
from foundation.clock import now_ms
from foundation.sql.database import Database
from submission.forms.files import load_forms
from tests.support.casework.file_events import happened
from tests.support.rooms import KEYS
from tests.support.tasks import KNOWN, submitted

FORMS = load_forms(PROGRAMMES / "forms", KNOWN)

LISTS = checklist_services(
    load_checklists(PROGRAMMES / "checklists", KNOWN, FORMS),
    KNOWN,
    FORMS,
    KEYS,
    "http://guichet.test",
)

DECISIONS = decision_services(load_decision_rules(PROGRAMMES / "decisions", KNOWN), LISTS)

AGENT, OTHER, CLERK = Actor("agente", "agent"), Actor("collegue", "agent"), Actor("commis", "clerk")


async def send(conn: AsyncConnection, submission: int, now: int) -> Checklist:
    """Send the list that is seen now."""
    head = await sheet(conn, LISTS.mailbox.personal, submission)
    seen = await sending.preview(conn, LISTS, head, now)
    return await sending.send(conn, LISTS, submission, seen.digest, AGENT, now)


async def listed(db: Database, now: int | None = None) -> Checklist:
    """File 1, submitted, paid, its list sent at this instant."""
    at = now_ms() if now is None else now
    await submitted(db)
    await happened(db, 1, FileEventKind.PAID, now=at)
    return await db.write(lambda conn: send(conn, 1, at))


async def list_of(db: Database, submission: int = 1) -> Checklist:
    """The list as it stands."""
    return await db.read(lambda conn: required(conn, LISTS.cipher, submission))


async def status_of_file(db: Database, submission: int = 1) -> FileStatus:
    """Where the file stands."""
    return (await db.read(lambda conn: events.history(conn, submission))).status
