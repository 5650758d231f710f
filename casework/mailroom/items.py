"""The rows of the register as values, and their moves: a row, its line of history, its line of the audit."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.mailroom.entries import MailEntry
from casework.mailroom.services import MailroomServices
from casework.mailroom.states import MailItemState, MailKind, MailMove, moved
from casework.mailroom.store import MAIL_ITEM, mail_event, mail_item
from foundation import audit
from foundation.audit import Actor
from foundation.errors import Code, Refusal
from foundation.sql.tables import plain_row
from foundation.subjects import Subject
from submission.states import Capacity

MOST_LISTED: Final = 500
"""Items of one list: a desk that has more looks at the oldest first."""

m, e = mail_item.c, mail_event.c


class RegisteredItem(msgspec.Struct, frozen=True, kw_only=True):
    """An item of the register, opened. `entered_at` is an instant; `entered_on` its day in Montréal."""

    id: int
    key: str
    state: MailItemState
    submission: int | None
    entry: MailEntry
    entered_at: int
    entered_on: date
    entered_by: str
    acted_as: str | None = None
    tracking: str | None = None
    sent_on: date | None = None

    @property
    def acts_as(self) -> str:
        """The key under which its effect was done last."""
        return self.acted_as or self.key


class MailEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A line of an item's history."""

    move: MailMove
    after: MailItemState
    at: int
    actor: str
    role: str | None = None
    reason: str | None = None


async def find(
    conn: AsyncConnection, services: MailroomServices, id: int, *, lock: bool = False
) -> RegisteredItem:
    """An item by its number. With `lock` nobody else moves it; its file's lock is taken before. Refusal not_found."""
    rows = sa.select(mail_item).where(m.id == id)
    row = (await conn.execute(rows.with_for_update() if lock else rows)).one_or_none()
    if row is None:
        raise Refusal(Code.NOT_FOUND)
    return opened(row, services)


async def listed(
    conn: AsyncConnection, services: MailroomServices, *which: sa.ColumnElement[bool], most: int = MOST_LISTED
) -> list[RegisteredItem]:
    """Items, in the order in which they were entered."""
    rows = await conn.execute(sa.select(mail_item).where(*which).order_by(m.id).limit(most))
    return [opened(row, services) for row in rows]


async def newest(
    conn: AsyncConnection, services: MailroomServices, *which: sa.ColumnElement[bool], most: int
) -> list[RegisteredItem]:
    """The same, the latest first."""
    rows = await conn.execute(sa.select(mail_item).where(*which).order_by(m.id.desc()).limit(most))
    return [opened(row, services) for row in rows]


async def count(conn: AsyncConnection, *which: sa.ColumnElement[bool]) -> int:
    """How many there are."""
    return int(
        (await conn.execute(sa.select(sa.func.count()).select_from(mail_item).where(*which))).scalar_one()
    )


async def history(conn: AsyncConnection, item: int) -> Sequence[MailEvent]:
    """What became of an item, the earliest first."""
    shown = sa.select(*(e[name] for name in MailEvent.__struct_fields__))
    rows = await conn.execute(shown.where(e.item == item).order_by(e.id))
    return [msgspec.convert(plain_row(row), MailEvent) for row in rows]


async def move(
    conn: AsyncConnection,
    item: RegisteredItem,
    step: MailMove,
    by: Actor,
    now: int,
    *,
    reason: str | None = None,
    values: dict[str, Any] | None = None,
    detail: Mapping[str, str] | None = None,
) -> RegisteredItem:
    """Move an item whose row is locked; the item as it is then. The line of the audit is the caller's (`recorded`).

    Refusal move_not_allowed.
    """
    after = moved(item.state, step)
    if after is None:
        raise Refusal(Code.MOVE_NOT_ALLOWED, **{"from": item.state, "to": step})
    await conn.execute(sa.update(mail_item).where(m.id == item.id).values({"state": after} | (values or {})))
    await told(conn, item.id, step, after, by, now, reason=reason, detail=detail)
    return msgspec.structs.replace(item, state=after)


async def told(
    conn: AsyncConnection, item: int, step: MailMove, after: MailItemState, by: Actor, now: int, *,
    reason: str | None = None, detail: Mapping[str, str] | None = None,
) -> None:  # fmt: skip
    """A line of history, which nothing ever changes."""
    row = {
        "item": item, "move": step, "after": after, "at": now, "actor": by.name, "role": by.role, "reason": reason,
        "detail": msgspec.json.encode(detail or {}).decode(),
    }  # fmt: skip
    await conn.execute(sa.insert(mail_event).values(row))


async def recorded(
    conn: AsyncConnection, step: MailMove, before: MailItemState | None, item: RegisteredItem, by: Actor, now: int,
    *, reason: str | None = None,
) -> None:  # fmt: skip
    """The line of the audit: the last that the transaction writes. It names the file by its number alone."""
    was = None if before is None else {"state": before}
    await audit.record(
        conn, by, f"mail_{step}", Subject.row(MAIL_ITEM, item.id), now, before=was, after={"state": item.state},
        reason=reason, kind=item.entry.kind, submission=item.submission, received_on=item.entry.received_on.isoformat(),
    )  # fmt: skip


def opened(row: sa.Row[*tuple[Any, ...]], services: MailroomServices) -> RegisteredItem:
    """A row as a value. Raises UnreadableHints."""
    entry = MailEntry(
        kind=MailKind(row.kind), received_on=date.fromisoformat(row.received_on), postmarked_on=_day(row.postmarked_on),
        instrument=row.instrument, cents=row.cents, parts=tuple(msgspec.json.decode(row.parts, type=list[int])),
        reference=row.reference, changed_on=_day(row.changed_on),
        capacity=None if row.capacity is None else Capacity(row.capacity),
        hints=services.hints.opened(row.key, row.hints),
    )  # fmt: skip
    return RegisteredItem(
        id=row.id, key=row.key, state=MailItemState(row.state), submission=row.submission, entry=entry,
        entered_at=row.entered_at, entered_on=date.fromisoformat(row.entered_on), entered_by=row.entered_by,
        acted_as=row.acted_as, tracking=row.tracking, sent_on=_day(row.sent_on),
    )  # fmt: skip


def columns_of(entry: MailEntry) -> dict[str, Any]:
    """What a row holds of an entry, but for the hints."""
    return {
        "kind": entry.kind, "received_on": entry.received_on.isoformat(),
        "postmarked_on": entry.postmarked_on and entry.postmarked_on.isoformat(), "reference": entry.reference,
        "instrument": entry.instrument, "cents": entry.cents, "parts": msgspec.json.encode(entry.parts).decode(),
        "changed_on": entry.changed_on and entry.changed_on.isoformat(), "capacity": entry.capacity,
    }  # fmt: skip


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
