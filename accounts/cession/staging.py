"""Tasks that look for signs of a handover: staged with the events that could be one, in their transaction."""

from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.events.states import AccountEventKind as Kind
from accounts.store import ACCOUNT
from foundation import outbox
from foundation.subjects import Subject


class CessionTask(StrEnum):
    """Kinds of tasks about ceded accounts."""

    SCAN = "cession_scan"
    """What an account went through is scored (DU-02)."""


WATCHED = frozenset(
    {
        Kind.EMAIL_CHANGED, Kind.PASSWORD_RENEWED, Kind.PASSWORD_CHANGED, Kind.ANSWERS_RENEWED, Kind.ANSWERS_CHANGED,
        Kind.IDENTITY_CORRECTED, Kind.FACTOR_REMOVED,
    }
)  # fmt: skip
"""Events after which an account is looked at. Signing in is read then, and stages nothing itself."""

SOON_MS, LATER_MS = 3_600_000, 86_400_000
"""An hour gathers a burst; a day later it is known from where the account is used since."""


async def stage_looks(conn: AsyncConnection, account: int, kind: Kind, now: int) -> None:
    """Have this account looked at within the hour and a day later; once each, however much happens meanwhile."""
    if kind not in WATCHED:
        return
    subject = Subject.row(ACCOUNT, account)
    hour = (now // SOON_MS + 1) * SOON_MS
    for due_at in (hour, hour + LATER_MS):
        key = f"{CessionTask.SCAN}:{account}:{due_at}"
        await outbox.stage(conn, CessionTask.SCAN, subject, now, due_at=due_at, key=key)
