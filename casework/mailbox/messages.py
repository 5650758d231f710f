"""Reading the messages of an account, and the mark of the first reading (DM-03).

A message does not expire: the owner reads it « au moment qu’ils jugeront opportun ».
"""

import re
from collections.abc import Sequence

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
from foundation.errors import Code, Refusal
from foundation.mail.store import mail
from foundation.sql.tables import plain_row

_ID = re.compile(r"[A-Za-z0-9_-]{16,64}\Z")

m, at, d = message.c, message_attachment.c, document.c


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A message in the list: `at` and `read_at` (None while unread) are instants, `number` the file's if it is about
    one, `attachments` how many documents go with it."""

    id: str
    account: int
    title: str
    number: str | None
    author: str
    at: int
    read_at: int | None
    attachments: int

    @property
    def href(self) -> str:
        return f"{ADDRESS}/{self.id}"


class OpenedMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message to show, with what it says and the documents that go with it."""

    message: Message
    blocks: list[Block]
    documents: list[Document]


_ATTACHED = sa.select(sa.func.count()).where(at.message == m.id).scalar_subquery().label("attachments")

_LISTED = (m.id, m.account, m.title, m.number, m.author, m.at, m.read_at, _ATTACHED)

_LATEST_FIRST = (m.at.desc(), m.id)


async def of_account(conn: AsyncConnection, account: int) -> list[Message]:
    """All messages of an account, the latest first."""
    rows = await conn.execute(sa.select(*_LISTED).where(m.account == account).order_by(*_LATEST_FIRST))
    return [msgspec.convert(plain_row(row), Message) for row in rows]


async def unread(conn: AsyncConnection, account: int) -> int:
    """How many messages of an account were never opened."""
    waiting = sa.select(sa.func.count()).where(m.account == account, m.read_at.is_(None))
    return int((await conn.execute(waiting)).scalar_one())


async def find(conn: AsyncConnection, cipher: MessageCipher, id: str, account: int) -> OpenedMessage:
    """One message, if it is this account's. Refusal not_found, the same for all others."""
    wanted = sa.select(*_LISTED, m.blocks).where(m.id == id, m.account == account)
    row = (await conn.execute(wanted)).one_or_none() if _ID.match(id) else None
    if row is None:
        raise Refusal(Code.NOT_FOUND)
    listed = {name: value for name, value in plain_row(row).items() if name != "blocks"}
    return OpenedMessage(
        message=msgspec.convert(listed, Message),
        blocks=cipher.opened(row.id, row.blocks),
        documents=await _documents(conn, id),
    )


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


async def everything(
    conn: AsyncConnection, cipher: MessageCipher, account: int
) -> Sequence[tuple[Message, list[Block]]]:
    """Every message with what it says, for the export of the account."""
    rows = await conn.execute(
        sa.select(*_LISTED, m.blocks).where(m.account == account).order_by(*_LATEST_FIRST)
    )
    return [
        (
            msgspec.convert({k: v for k, v in plain_row(row).items() if k != "blocks"}, Message),
            cipher.opened(row.id, row.blocks),
        )
        for row in rows
    ]


async def _documents(conn: AsyncConnection, id: str) -> list[Document]:
    wanted = sa.select(d.id, d.kind, d.title, d.created_at).join(document, d.id == at.document)
    rows = await conn.execute(wanted.where(at.message == id).order_by(at.position))
    return [msgspec.convert(plain_row(row), Document) for row in rows]
