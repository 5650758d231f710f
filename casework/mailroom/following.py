"""An item goes on when a person has decided of the money it brought: by its key, in that transaction."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.mailroom.states import MailItemState, MailMove, moved
from casework.mailroom.store import MAIL_ITEM, mail_event, mail_item
from foundation import audit
from foundation.audit import Actor
from foundation.subjects import Subject

m = mail_item.c


async def decided(
    conn: AsyncConnection, key: str, *, goes_back: bool, by: Actor, now: int, reason: str | None = None
) -> bool:
    """A person has decided of the money of the item with this key: it is accepted, or is to go back. False where no
    item has it, or it does not wait; then nothing is written."""
    row = (
        await conn.execute(
            sa.select(m.id, m.state).where(sa.or_(m.key == key, m.acted_as == key)).with_for_update()
        )
    ).one_or_none()
    step = MailMove.SET_ASIDE if goes_back else MailMove.ACCEPT
    if row is None or row.state != MailItemState.MATCHED:
        return False
    after = moved(MailItemState(row.state), step)
    if after is None:
        return False
    await conn.execute(sa.update(mail_item).where(m.id == row.id).values(state=after))
    line = {
        "item": row.id, "move": step, "after": after, "at": now, "actor": by.name, "role": by.role, "reason": reason,
        "detail": "{}",
    }  # fmt: skip
    await conn.execute(sa.insert(mail_event).values(line))
    subject = Subject.row(MAIL_ITEM, row.id)
    before, changed = {"state": row.state}, {"state": after}
    await audit.record(conn, by, f"mail_{step}", subject, now, before=before, after=changed, reason=reason)
    return True
