"""An item goes on when a person has decided of the money it brought: by its key, in that transaction."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.mailroom.states import MailItemState, MailMove, moved
from casework.mailroom.store import MAIL_ITEM, mail_event, mail_item
from casework.payments.cases import REDATED
from foundation import audit
from foundation.audit import Actor
from foundation.subjects import Subject

GOES_BACK_FROM: Final = frozenset({MailItemState.MATCHED, MailItemState.ACCEPTED})
"""States from which a person sends money back: also from where it was accepted, once its day was put right."""

m = mail_item.c


async def decided(
    conn: AsyncConnection, key: str, *, goes_back: bool, by: Actor, now: int, reason: str | None = None
) -> bool:
    """A person has decided of the money of the item with this key, or of a correction of it: it is kept, or is to go
    back. False where no item has it, or nothing about it changes; then nothing is written."""
    key = key.partition(REDATED)[0]
    row = (
        await conn.execute(
            sa.select(m.id, m.state).where(sa.or_(m.key == key, m.acted_as == key)).with_for_update()
        )
    ).one_or_none()
    step = MailMove.SET_ASIDE if goes_back else MailMove.ACCEPT
    may = GOES_BACK_FROM if goes_back else {MailItemState.MATCHED}
    if row is None or row.state not in may:
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
