"""Originals that lie here and must go back (DC-06), of all files, for the mailroom that posts them."""

from datetime import date
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.checklists.states import ItemAct
from casework.checklists.store import checklist_item, checklist_item_event
from casework.files.numbers import file_number

MOST: Final = 200
"""Originals of one list; the oldest first, so that those behind come when some have left."""

i, e = checklist_item.c, checklist_item_event.c


class HeldOriginal(msgspec.Struct, frozen=True, kw_only=True):
    """An original by its file and its number in the list, without a name; the day on which it came."""

    submission: int
    number: int
    title: str
    received_on: date

    @property
    def file(self) -> str:
        return file_number(self.submission)


def _newest(act: ItemAct) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.max(sa.case((e.act == act.value, e.id))), 0)


async def to_give_back(conn: AsyncConnection, most: int = MOST) -> list[HeldOriginal]:
    """Those whose newest receipt stands, and has no return behind it; the oldest first."""
    received = _newest(ItemAct.RECEIVE)
    here = (
        sa.select(e.submission, e.number, received.label("event"))
        .join(checklist_item, sa.and_(i.submission == e.submission, i.number == e.number))
        .where(i.give_back)
        .group_by(e.submission, e.number)
        .having(received > _newest(ItemAct.UNDO_RECEIPT), received > _newest(ItemAct.GIVE_BACK))
        .subquery()
    )
    rows = await conn.execute(
        sa.select(i.submission, i.number, i.title, e.on_day)
        .join(here, sa.and_(here.c.submission == i.submission, here.c.number == i.number))
        .join(checklist_item_event, e.id == here.c.event)
        .order_by(e.on_day, here.c.event)
        .limit(most)
    )
    return [
        HeldOriginal(
            submission=row.submission, number=row.number, title=row.title,
            received_on=date.fromisoformat(row.on_day),
        )
        for row in rows
    ]  # fmt: skip
