"""Messages for tests: delivered as features deliver them."""

from typing import Any

from casework.blocks import Block, Paragraph, plain
from casework.mailbox.delivery import deliver
from casework.mailbox.services import mailbox_services
from foundation.clock import now_ms
from foundation.sql.database import Database
from foundation.subjects import Subject
from tests.support.rooms import KEYS

MAILBOX = mailbox_services(KEYS, "http://guichet.test")

TITLE = "Votre dossier est ouvert"

SAID: list[Block] = [Paragraph(plain("Ce que seul le compte peut lire."))]


async def delivered(
    db: Database, to: int, about: Subject, key: str = "k", title: str = TITLE, **values: Any
) -> str:
    """The id of a message that was delivered to this account."""
    return await db.write(
        lambda conn: deliver(conn, MAILBOX, to, about, title, SAID, now_ms(), key=key, **values)
    )
