"""Mail that goes out: posted in the transaction of its cause, sent after it by a worker (`delivery.py`).

What a mail says is plain French without personal data (P11): a greeting without a name, never a user name, and links to
pages that show the rest.
"""

import re
import secrets

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation import outbox
from foundation.mail import sealing
from foundation.mail.states import MailState
from foundation.mail.store import MAIL, mail
from foundation.outbox import AT_ONCE
from foundation.sql.tables import insert_for
from foundation.subjects import Subject

LONGEST_TITLE = 200

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")

m = mail


class Mail(msgspec.Struct, frozen=True):
    """A message to one address: `kind` is its feature's word for it, `title` its subject line."""

    to: str
    kind: str
    title: str
    text: str

    def __post_init__(self) -> None:
        if _CONTROLS.search(self.title) or not self.title or len(self.title) > LONGEST_TITLE:
            raise ValueError("a title is one line")


async def post(
    conn: AsyncConnection, mail: Mail, about: Subject, now: int, *, key: str, due_at: int = AT_ONCE
) -> bool:
    """Stage a mail in the transaction of its cause; False when one with this key is there already.

    `about` is what it is about, such as an account. `due_at` is the instant from which on it is sent.
    """
    cipher = sealing.cipher()
    values = {
        "key": key,
        "kind": mail.kind,
        "subject_kind": about.kind,
        "subject_id": about.id,
        "title": mail.title,
        "recipient": cipher.encrypt(mail.to, sealing.field(key, "recipient")),
        "text": cipher.encrypt(mail.text, sealing.field(key, "text")),
        "message_id": secrets.token_hex(16),
        "staged_at": now,
    }
    statement = insert_for(conn, m).values(values).on_conflict_do_nothing(index_elements=[m.c.key])
    id = (await conn.execute(statement.returning(m.c.id))).scalar_one_or_none()
    if id is None:
        return False
    await outbox.stage(conn, MAIL, Subject.row(MAIL, id), now, due_at=due_at)
    return True


async def withdraw(conn: AsyncConnection, key: str) -> bool:
    """Take a mail back that was posted and has not been sent; whether it was."""
    taken = sa.delete(m).where(m.c.key == key, m.c.state == MailState.STAGED).returning(m.c.id)
    return (await conn.execute(taken)).first() is not None
