"""How the moves of a period are written: each locks its row, and writes its line of `audit` in the same transaction.

`actor` is who moves it, or `service` for what the schedule does. `now` is an instant. All run inside
`Database.write` and fail closed: either the move and its audit line are there, or neither is. What moves is in force
within a tick: web processes read the row once a second, and the ticker copies it to the line.

`version` is the `edit_version` that an operator saw when they decided (optimistic lock): one that has gone on since is
Refusal changed_meanwhile. None does not ask. What stops people from coming or submitting never asks: it must not wait.
"""

from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.audit import SERVICE, By, acting, record
from foundation.errors import Code, Refusal
from foundation.subjects import Subject
from quota import ledger
from quota.periods import Flags, flags_of
from quota.states import Action
from quota.store import PERIOD, Period


def refuse_changed(period: Period, version: int | None) -> None:
    """Raises Refusal changed_meanwhile where an operator decided on what is no longer so; `current` is how it is."""
    if version is not None and version != period.edit_version:
        raise Refusal(Code.CHANGED_MEANWHILE, current={"id": period.id, "version": period.edit_version})


async def become(
    conn: AsyncConnection,
    period: Period,
    after: Flags,
    actor: By,
    action: Action,
    now: int,
    said: dict[str, Any] | None = None,
    /,
    reason: str | None = None,
    **values: Any,
) -> Period:
    """Write one move, with these other columns; `said` goes on the record beside where it leads."""
    stands = {"stand": flags_of(period).stand}, {"stand": after.stand} | (said or {})
    values |= msgspec.structs.asdict(after)
    return await write(conn, period, actor, action, now, *stands, reason=reason, **values)


async def write(
    conn: AsyncConnection,
    period: Period,
    actor: By,
    act: str,
    now: int,
    before: dict[str, Any] | None,
    after: dict[str, Any],
    /,
    reason: str | None = None,
    **values: Any,
) -> Period:
    """Write the locked row and its audit line, and return the row as it is now.

    `edit_version` goes up with an operator's act, and with nothing that the schedule, a call or a submission does.
    """
    if acting(actor).name != SERVICE:
        values["edit_version"] = period.edit_version + 1
    await ledger.update(conn, period.uid, **values)
    subject = Subject(PERIOD, period.uid)
    await record(conn, actor, act, subject, now, before=before, after=after, reason=reason)
    return msgspec.structs.replace(period, version=period.version + 1, **values)
