"""Messages for tests: delivered as features deliver them."""

from collections import defaultdict
from typing import Any

import sqlalchemy as sa

from casework.blocks import Block, Paragraph, plain
from casework.documents import DocumentKind
from casework.mailbox.delivery import deliver, notice_key
from casework.mailbox.services import mailbox_services
from casework.mailbox.store import message_attachment
from casework.store import document
from foundation.clock import now_ms
from foundation.mail.store import mail
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


async def announcements(db: Database, kind: DocumentKind) -> list[tuple[int, int]]:
    """Of each document of this kind: how many messages it is attached to, and how many mails tell of those to the owner
    of the account."""
    attached = sa.select(document.c.id, message_attachment.c.message)
    attached = attached.outerjoin(message_attachment, message_attachment.c.document == document.c.id)
    found = await db.read(lambda conn: conn.execute(attached.where(document.c.kind == kind)))
    posted = await db.read(lambda conn: conn.execute(sa.select(mail.c.key)))
    keys, of = list(posted.scalars()), defaultdict[str, list[str]](list)
    for row in found:
        of[row.id] += [] if row.message is None else [row.message]
    return [(len(ids), sum(keys.count(notice_key(id)) for id in ids)) for ids in of.values()]
