"""Tasks that look for other records of an account's person: staged with the act that makes or changes the account.

Registration and corrections of an identity call `stage_scan` in their transaction and say nothing of what it finds:
whether somebody has an account is told to nobody but its owner. What the task does is a matter of `submission/`, which
knows what was submitted.
"""

from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.linkage.store import linkage_block
from accounts.store import ACCOUNT, account
from foundation import audit, outbox
from foundation.audit import By
from foundation.subjects import Subject


class LinkageTask(StrEnum):
    """Kinds of tasks of record linkage."""

    ACCOUNT_SCAN = "account_scan"
    """Other records of this account's person are looked for (DU-01)."""
    REVIEW_RECHECK = "review_recheck"
    """What was decided is compared with what is found now."""


async def stage_scan(conn: AsyncConnection, id: int, now: int) -> None:
    """Have this account looked at, in the transaction that made it or changed its identity."""
    subject = Subject.row(ACCOUNT, id)
    key = f"{outbox.key_of(LinkageTask.ACCOUNT_SCAN, subject)}:{now}"
    await outbox.stage(conn, LinkageTask.ACCOUNT_SCAN, subject, now, key=key)


DUPLICATES_SCAN = "duplicates_scan"
"""The act in the audit; `detail` says how many accounts are looked at."""

_MISSING = sa.select(account.c.id, sa.cast(sa.bindparam("now"), sa.BigInteger).label("at")).where(
    ~sa.exists().where(linkage_block.c.record_kind == ACCOUNT, linkage_block.c.record == account.c.id)
)

_STAGING = outbox.BulkStaging((LinkageTask.ACCOUNT_SCAN,), ACCOUNT, _MISSING)


async def stage_missing(conn: AsyncConnection, by: By, now: int) -> int:
    """Have every account looked at that never was, such as those of an import; how many those are."""
    missing = sa.select(sa.func.count()).select_from(_MISSING.subquery())
    count = int((await conn.execute(missing, {"now": now})).scalar_one())
    await _STAGING.stage(conn, {"now": now})
    await audit.record(conn, by, DUPLICATES_SCAN, None, now, accounts=count)
    return count
