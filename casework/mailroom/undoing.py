"""Undoing an entry: by whoever entered it and on the day of it, as a new move with everything taken back.

After the day, or by somebody else, two persons put it right (`second_person_needed`). What has left the house is not
undone.
"""

from sqlalchemy.ext.asyncio import AsyncConnection

from casework.mailroom import finding, items, pen
from casework.mailroom.entries import refused
from casework.mailroom.finding import FileAtHand
from casework.mailroom.handlers.handler import MailAct
from casework.mailroom.handlers.registry import HANDLERS
from casework.mailroom.items import RegisteredItem
from casework.mailroom.services import MailroomServices
from casework.mailroom.states import MailItemState, MailKind, MailMove, moved
from foundation.audit import Actor
from foundation.calendar.days import day_of
from foundation.errors import Code, Refusal

LONGEST_REASON = 500


def may_undo(item: RegisteredItem, name: str, now: int) -> bool:
    """Whether this is the person who entered it, on the day of it, and it can still be undone. Pure."""
    can = moved(item.state, MailMove.UNDO) is not None
    return can and item.entered_by == name and item.entered_on == day_of(now)


async def file_of(
    conn: AsyncConnection, services: MailroomServices, item: RegisteredItem, *, lock: bool = False
) -> FileAtHand | None:
    """The file that an item belongs to; None while it belongs to none."""
    if item.submission is not None:
        return await finding.of_submission(conn, services, item.submission, lock=lock)
    if item.state is MailItemState.RECEIVED or item.entry.kind is not MailKind.PROCURATION:
        return None
    return await finding.file_at_hand(conn, services, item.entry.reference, lock=lock)


async def undo(
    conn: AsyncConnection, services: MailroomServices, id: int, reason: str, by: Actor, now: int
) -> RegisteredItem:
    """Undo an entry of today. Refusals not_found, invalid, second_person_needed, move_not_allowed; those of what is
    taken back."""
    if not 0 < len(reason.strip()) <= LONGEST_REASON:
        raise refused({"reason": f"Dites pourquoi, en {LONGEST_REASON} caractères au plus."})
    of = await file_of(conn, services, await items.find(conn, services, id), lock=True)
    item = await items.find(conn, services, id, lock=True)
    if moved(item.state, MailMove.UNDO) is None:
        raise Refusal(Code.MOVE_NOT_ALLOWED, **{"from": item.state, "to": MailMove.UNDO})
    if not may_undo(item, by.name, now):
        raise Refusal(Code.SECOND_PERSON_NEEDED)
    return await take_back(conn, services, item, of, reason.strip(), by, now)


async def take_back(
    conn: AsyncConnection, services: MailroomServices, item: RegisteredItem, of: FileAtHand | None, reason: str,
    by: Actor, now: int,
) -> RegisteredItem:  # fmt: skip
    """Undo an item whose row and file are locked, with what it has triggered. Refusals of what is taken back."""
    handler = HANDLERS[item.entry.kind]
    if of is not None and item.state in handler.takes_back_from:
        act = MailAct(entry=item.entry, of=of, key=item.acts_as, by=by, now=now)
        await handler.take_back(conn, services, act, reason)
    await pen.forget(conn, item.id)
    undone = await items.move(conn, item, MailMove.UNDO, by, now, reason=reason)
    await items.recorded(conn, MailMove.UNDO, item.state, undone, by, now, reason=reason)
    return undone
