"""Delivering a broadcast: a batch a task, under the lock of the broadcast, in the transaction of `done`.

A worker killed anywhere has delivered a batch whole or not at all, and a message has a key of its broadcast and its
account: nobody has two, and nobody is passed over. A stop takes the same lock, so after it nobody gets anything more.
"""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.mailbox.audiences import Addressee
from casework.mailbox.broadcasts import Broadcast, finish, held
from casework.mailbox.delivery import Delivery, deliver_each
from casework.mailbox.services import MailboxServices
from casework.mailbox.states import BroadcastState
from casework.mailbox.store import broadcast_recipient
from foundation.outbox import Effect
from foundation.subjects import Subject

r = broadcast_recipient.c

_GIVEN = (
    sa.update(broadcast_recipient).where(r.account == sa.bindparam("to")).values(message=sa.bindparam("got"))
)


def sending(services: MailboxServices) -> Effect:
    """The effect of the task of a batch."""

    async def send(conn: AsyncConnection, subject: Subject, now: int) -> None:
        id, _, batch = subject.id.partition("-")
        of = await held(conn, int(id))
        if of.state is not BroadcastState.SENDING:
            return
        waiting = (r.broadcast == of.id, r.batch == int(batch), r.message.is_(None))
        rows = await conn.execute(sa.select(r.account, r.submission).where(*waiting).order_by(r.account))
        people = [Addressee(row.account, row.submission) for row in rows]
        if people:  # none where what was stopped in between was done by another task of the batch
            given = await deliver_each(conn, services, [message_to(of, one) for one in people], now)
            got = [{"to": one.account, "got": given[message_key(of.id, one.account)]} for one in people]
            await conn.execute(_GIVEN.where(r.broadcast == of.id), got)
        await finish(conn, of, now)

    return send


def message_to(of: Broadcast, one: Addressee) -> Delivery:
    """What this person gets: previews show this too. Pure."""
    return Delivery(
        to=one.account,
        about=one.about,
        title=of.title,
        blocks=of.said.blocks,
        key=message_key(of.id, one.account),
        author=of.author,
    )


def message_key(broadcast: int, account: int) -> str:
    """The key that makes a person's message of a broadcast one, whoever delivers it."""
    return f"broadcast:{broadcast}:{account}"
