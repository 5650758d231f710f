"""Reading the messages of an account, and the mark of the first reading (DM-03).

A message does not expire: the owner reads it « au moment qu’ils jugeront opportun ».
"""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.blocks import Block
from casework.documents import Document
from casework.mailbox.delivery import notice_key
from casework.mailbox.notices import ADDRESS
from casework.mailbox.services import MessageCipher
from casework.mailbox.states import NoticeStanding, notice_standing
from casework.mailbox.store import message, message_attachment
from casework.store import document
from casework.timeline.timeline import TimelineEvent
from foundation.errors import Code, Refusal
from foundation.mail.store import mail
from foundation.sql.tables import among

_ID = re.compile(r"[A-Za-z0-9_-]{16,64}\Z")

m, at, d = message.c, message_attachment.c, document.c


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A message: `at` and `read_at` (None while unread) are instants, `number` the file's if it is about one,
    `attachments` the documents of the account that go with it."""

    id: str
    title: str
    number: str | None
    author: str
    at: int
    read_at: int | None
    attachments: list[Document]

    @property
    def href(self) -> str:
        return f"{ADDRESS}/{self.id}"


class OpenedMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message to show, with what it says."""

    message: Message
    blocks: list[Block]

    def read(self, first: int) -> "OpenedMessage":
        """The same, first opened at this instant."""
        marked = msgspec.structs.replace(self.message, read_at=first)
        return msgspec.structs.replace(self, message=marked)


_LISTED = (m.id, m.title, m.number, m.author, m.at, m.read_at)

_ATTACHED = (
    sa.select(at.message, d.id, d.kind, d.title, d.created_at)
    .join(document, d.id == at.document)
    .join(message, m.id == at.message)
    .order_by(at.message, at.position)
)


async def of_account(conn: AsyncConnection, account: int) -> list[Message]:
    """All messages of an account, the latest first."""
    theirs = m.account == account
    rows = await conn.execute(sa.select(*_LISTED).where(theirs).order_by(m.at.desc(), m.id))
    attached = await _attachments(conn, theirs)
    return [_message(row, attached) for row in rows]


async def unread(conn: AsyncConnection, account: int) -> int:
    """How many messages of an account were never opened."""
    waiting = sa.select(sa.func.count()).where(m.account == account, m.read_at.is_(None))
    return int((await conn.execute(waiting)).scalar_one())


async def unread_of(conn: AsyncConnection, accounts: Collection[int]) -> dict[int, int]:
    """The same of many accounts at once, of those that have any."""
    rows = await conn.execute(_UNREAD, {"accounts": accounts})
    return {row.account: row.waiting for row in rows}


_UNREAD = (
    sa.select(m.account, sa.func.count().label("waiting"))
    .where(among(m.account, "accounts"), m.read_at.is_(None))
    .group_by(m.account)
)


async def find(conn: AsyncConnection, cipher: MessageCipher, id: str, account: int) -> OpenedMessage:
    """One message, if it is this account's. Refusal not_found, the same for all others."""
    theirs = sa.and_(m.id == id, m.account == account)
    wanted = sa.select(*_LISTED, m.blocks).where(theirs)
    row = (await conn.execute(wanted)).one_or_none() if _ID.match(id) else None
    if row is None:
        raise Refusal(Code.NOT_FOUND)
    attached = await _attachments(conn, theirs)
    return OpenedMessage(message=_message(row, attached), blocks=cipher.opened(row.id, row.blocks))


async def mark_read(conn: AsyncConnection, id: str, account: int, now: int) -> int:
    """Record that its owner has opened it, once; the instant of the first time, whoever came first. Refusal
    not_found."""
    if not _ID.match(id):
        raise Refusal(Code.NOT_FOUND)
    first = (
        sa.update(message).where(m.id == id, m.account == account, m.read_at.is_(None)).values(read_at=now)
    )
    await conn.execute(first)
    read_at = (
        await conn.execute(sa.select(m.read_at).where(m.id == id, m.account == account))
    ).scalar_one_or_none()
    if read_at is None:
        raise Refusal(Code.NOT_FOUND)
    return int(read_at)


async def events(conn: AsyncConnection, account: int) -> list[TimelineEvent]:
    """What the timeline says of the mailbox: each message, and when it was first opened."""
    found = await of_account(conn, account)
    came = [TimelineEvent(at=one.at, what="Message reçu", detail=one.title, href=one.href) for one in found]
    return came + [
        TimelineEvent(at=one.read_at, what="Message lu", detail=one.title, href=one.href)
        for one in found
        if one.read_at is not None
    ]


class StaffMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message as agents see it in the list of a file: when it was first read, and how far its notice has come."""

    message: Message
    notice: NoticeStanding


async def for_staff(conn: AsyncConnection, account: int) -> Sequence[StaffMessage]:
    """All messages of an account with what became of their notices, the latest first."""
    listed = await of_account(conn, account)
    keys = {notice_key(one.id): one.id for one in listed}
    rows = await conn.execute(sa.select(mail.c.key, mail.c.state).where(mail.c.key.in_(keys)))
    states = {keys[row.key]: row.state for row in rows}
    return [StaffMessage(message=one, notice=notice_standing(states.get(one.id))) for one in listed]


async def everything(conn: AsyncConnection, cipher: MessageCipher, account: int) -> Sequence[OpenedMessage]:
    """Every message with what it says, for the export of the account."""
    listed = await of_account(conn, account)
    rows = await conn.execute(sa.select(m.id, m.blocks).where(m.account == account))
    said = {row.id: cipher.opened(row.id, row.blocks) for row in rows}
    return [OpenedMessage(message=one, blocks=said[one.id]) for one in listed]


async def _attachments(conn: AsyncConnection, theirs: sa.ColumnElement[bool]) -> Mapping[str, list[Document]]:
    found = defaultdict[str, list[Document]](list)
    for row in await conn.execute(_ATTACHED.where(theirs)):
        found[row.message].append(
            Document(id=row.id, kind=row.kind, title=row.title, created_at=row.created_at)
        )
    return found


def _message(row: sa.Row[*tuple[Any, ...]], attached: Mapping[str, list[Document]]) -> Message:
    return Message(
        id=row.id, title=row.title, number=row.number, author=row.author, at=row.at, read_at=row.read_at,
        attachments=attached.get(row.id, []),
    )  # fmt: skip
