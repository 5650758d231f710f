"""What becomes of the submissions of a period that is annulled: each is void, with a task that tells its person."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.outbox import BulkStaging
from submission import store
from submission.follow_up import ANNULMENT
from submission.states import SubmissionStatus

s = store.submission

_OF_PERIOD = s.c.period == sa.bindparam("uid")

_STAGING = BulkStaging(
    (ANNULMENT,),
    store.SUBMISSION,
    sa.select(s.c.id, sa.cast(sa.bindparam("now"), sa.BigInteger).label("at")).where(_OF_PERIOD),
)

_HISTORY = sa.insert(store.status_change).from_select(
    ["submission", "status", "at"],
    sa.select(
        s.c.id, sa.literal(str(SubmissionStatus.ANNULLED)), sa.cast(sa.bindparam("now"), sa.BigInteger)
    ).where(_OF_PERIOD),
)


async def void(conn: AsyncConnection, uid: str, now: int) -> int:
    """Mark every submission of a period as annulled, with its history and its letter to come; how many those are.

    In the transaction that annuls the period, whose row the caller has locked: nothing is accepted meanwhile.
    """
    changed = sa.update(s).where(s.c.period == uid).values(status=SubmissionStatus.ANNULLED)
    count = (await conn.execute(changed)).rowcount
    if count:
        await conn.execute(_HISTORY, {"uid": uid, "now": now})
        await _STAGING.stage(conn, {"uid": uid, "now": now})
    return count
