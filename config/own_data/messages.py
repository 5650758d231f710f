"""The messages of an account: what they say, when they were read, and never who of the staff wrote them."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.own_data.held import HeldRecords
from accounts.personal_data.fields import PersonalFields
from casework.mailbox import messages as mailbox_messages
from casework.mailbox import store as mailbox_store
from casework.mailbox.services import MessageCipher


def messages(personal: PersonalFields) -> HeldRecords:
    """Before the documents, which they point at."""
    m, attached = mailbox_store.message, mailbox_store.message_attachment
    sent = mailbox_store.broadcast_recipient

    async def read(conn: AsyncConnection, account: int) -> list[dict[str, Any]]:
        found = await mailbox_messages.everything(conn, MessageCipher(personal.messages), account)
        return [
            {
                "title": one.message.title, "number": one.message.number, "at": one.message.at,
                "read_at": one.message.read_at, "blocks": one.blocks,
                "attachments": [document.title for document in one.message.attachments],
            }
            for one in found
        ]  # fmt: skip

    async def erase(conn: AsyncConnection, account: int) -> None:
        theirs = sa.select(m.c.id).where(m.c.account == account)
        await conn.execute(sa.delete(sent).where(sent.c.account == account))
        await conn.execute(sa.delete(attached).where(attached.c.message.in_(theirs)))
        await conn.execute(sa.delete(m).where(m.c.account == account))

    return HeldRecords(
        name="messages",
        title="Vos messages",
        tables=frozenset({m.name, attached.name, sent.name}),
        read=read,
        erase=erase,
    )
