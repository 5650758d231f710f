"""Tasks that look for other records of an account's person: staged with the act that makes or changes the account.

Registration and corrections of an identity call `stage_scan` in their transaction and say nothing of what it finds:
whether somebody has an account is told to nobody but its owner. What the task does is a matter of `submission/`, which
knows what was submitted.
"""

from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.store import ACCOUNT
from foundation import outbox
from foundation.subjects import Subject


class LinkageTask(StrEnum):
    """Kinds of tasks of record linkage."""

    ACCOUNT_SCAN = "account_scan"
    """Other records of this account's person are looked for (DU-01)."""
    REVIEW_RECHECK = "review_recheck"
    """What was decided is compared with what is found now."""


async def stage_scan(conn: AsyncConnection, account: int, now: int) -> None:
    """Have this account looked at, in the transaction that made it or changed its identity."""
    subject = Subject.row(ACCOUNT, account)
    key = f"{outbox.key_of(LinkageTask.ACCOUNT_SCAN, subject)}:{now}"
    await outbox.stage(conn, LinkageTask.ACCOUNT_SCAN, subject, now, key=key)
