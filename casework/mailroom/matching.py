"""Matching an item of the pen with a file that a person has compared with the paper; shown first, as any entry is."""

from sqlalchemy.ext.asyncio import AsyncConnection

from casework.mailroom import finding, items, pen, register
from casework.mailroom.entries import refused
from casework.mailroom.items import RegisteredItem
from casework.mailroom.register import MailPreview
from casework.mailroom.services import MailroomServices
from casework.mailroom.states import MailMove, moved
from foundation.audit import Actor
from foundation.errors import Code, Refusal


async def preview(
    conn: AsyncConnection, services: MailroomServices, id: int, number: str, now: int, *, lock: bool = False
) -> tuple[RegisteredItem, MailPreview]:
    """What the item would trigger in this file. Refusals not_found, invalid, move_not_allowed."""
    of = await finding.file_at_hand(conn, services, number, lock=lock)  # the file's lock before the item's
    item = await items.find(conn, services, id, lock=lock)
    if moved(item.state, MailMove.MATCH) is None or item.submission is not None:
        raise Refusal(Code.MOVE_NOT_ALLOWED, **{"from": item.state, "to": MailMove.MATCH})
    if of is None:
        raise refused({"number": finding.UNKNOWN})
    return item, await register.judged(conn, services, item.entry, of, now, but=id)


async def match(
    conn: AsyncConnection,
    services: MailroomServices,
    id: int,
    number: str,
    seen: str,
    reason: str,
    by: Actor,
    now: int,
) -> RegisteredItem:
    """Match it, and do what it triggers. Refusals as `register.enter`."""
    item, now_so = await preview(conn, services, id, number, now, lock=True)
    register.require_same(now_so, seen)
    said = register.require_reason(now_so, reason)
    if now_so.of is None or now_so.judgement is None:
        raise refused({"number": finding.UNKNOWN})
    await pen.forget(conn, id)
    done = await register.settle(conn, services, item, now_so.of, now_so.judgement, by, now)
    await items.recorded(conn, MailMove.MATCH, item.state, done, by, now, reason=said)
    return done
