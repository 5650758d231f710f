"""Messages are in the export as they can be read, without who wrote them, and go with the account."""

import sqlalchemy as sa

from accounts.own_data.held import HeldRecords
from accounts.store import account
from casework import documents
from casework.documents import DocumentKind
from casework.mailbox.store import message
from config.own_data import registry as own_data
from foundation.sql.database import Database
from foundation.subjects import Subject
from submission.exempt.services import exempt_services
from tests.support.casework.broadcasts import confirmed, written
from tests.support.casework.messages import SAID, TITLE, delivered
from tests.support.desks import make_account, make_desk
from tests.support.rooms import KEYS
from tests.support.tasks import rows


async def test_a_message_is_exported_and_erased(database: Database) -> None:
    """With its attachment, and the row of a broadcast that was to reach the account."""
    desk = make_desk(database)
    await make_account(desk, 1, draft=False)
    kind = DocumentKind.EXEMPT_DECISION
    document = await database.write(
        lambda conn: documents.file(conn, 1, Subject("claim", "1"), kind, "Lettre", SAID, 1)
    )
    await delivered(database, 1, Subject.row("account", 1), attachments=[document], author="lucie")
    await confirmed(database, (await written(database)).id)
    held = {one.name: one for one in own_data.held(exempt_services(desk, KEYS))}
    (told,) = await database.read(lambda conn: held["messages"].read(conn, 1))
    assert (told["title"], told["blocks"], told["attachments"]) == (TITLE, SAID, ["Lettre"])
    assert "lucie" not in str(told)
    for name in ("messages", "documents"):
        await erased(database, held[name])
    assert await rows(database, message.c.id) == []
    await database.write(lambda conn: conn.execute(sa.delete(account).where(account.c.id == 1)))
    desk.accounts.hasher.close()


async def erased(db: Database, one: HeldRecords) -> None:
    """What the deletion of the account does with this part."""
    assert one.erase is not None
    erase = one.erase
    await db.write(lambda conn: erase(conn, 1))
