"""Mail that goes out: posted in the transaction of its cause, sent after it by a worker (`delivery.py`).

What a mail says is plain French without personal data (P11): a greeting without a name, never a user name, and links to
pages that show the rest.
"""

import re
import secrets
from collections.abc import Sequence
from typing import Any, NamedTuple

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


class PostedMail(NamedTuple):
    """A mail, what it is about, such as an account, and the key that makes a second posting the same mail. Those to one
    address with one word in `together` go out as one, where they wait at the same time (`folding.py`)."""

    mail: Mail
    about: Subject
    key: str
    together: str | None = None


async def post(
    conn: AsyncConnection, mail: Mail, about: Subject, now: int, *, key: str, due_at: int = AT_ONCE
) -> bool:
    """Stage a mail in the transaction of its cause; False when one with this key is there already.

    `about` is what it is about, such as an account. `due_at` is the instant from which on it is sent.
    """
    return bool(await post_each(conn, [PostedMail(mail, about, key)], now, due_at=due_at))


async def post_each(
    conn: AsyncConnection, posted: Sequence[PostedMail], now: int, *, due_at: int = AT_ONCE
) -> int:
    """The same for many at once, in two statements; how many were not there yet."""
    if not posted:
        return 0
    statement = insert_for(conn, m).on_conflict_do_nothing(index_elements=[m.c.key]).returning(m.c.id)
    made = (await conn.execute(statement, [_row(one, now) for one in posted])).scalars().all()
    await outbox.stage_each(conn, MAIL, [Subject.row(MAIL, id) for id in made], now, due_at=due_at)
    return len(made)


def _row(one: PostedMail, now: int) -> dict[str, Any]:
    cipher = sealing.cipher()
    return {
        "key": one.key,
        "kind": one.mail.kind,
        "subject_kind": one.about.kind,
        "subject_id": one.about.id,
        "title": one.mail.title,
        "recipient": cipher.encrypt(one.mail.to, sealing.field(one.key, "recipient")),
        "text": cipher.encrypt(one.mail.text, sealing.field(one.key, "text")),
        "message_id": secrets.token_hex(16),
        "staged_at": now,
        "together": one.together,
    }


async def withdraw(conn: AsyncConnection, key: str) -> bool:
    """Take a mail back that was posted and has not been sent; whether it was."""
    taken = sa.delete(m).where(m.c.key == key, m.c.state == MailState.STAGED).returning(m.c.id)
    return (await conn.execute(taken)).first() is not None
