"""Which of two accounts of one person counts: that whose submission was accepted first (DU-01). Pure but for `read`."""

from collections.abc import Collection

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.store import account as accounts
from submission.states import SubmissionStatus
from submission.store import submission as submissions

s = submissions.c


class AccountStanding(msgspec.Struct, frozen=True):
    """What decides between two accounts: when each was made, and when its first submission was accepted, if one was."""

    account: int
    created_at: int
    accepted_at: int | None = None


def survivor(one: AccountStanding, other: AccountStanding) -> AccountStanding:
    """The account that counts: the earliest accepted; where neither was, the older one. Never « the left one »."""
    return min(one, other, key=_order)


def _order(standing: AccountStanding) -> tuple[bool, int, int, int]:
    accepted_at = standing.accepted_at
    return accepted_at is None, accepted_at or 0, standing.created_at, standing.account


async def read(conn: AsyncConnection, ids: Collection[int]) -> dict[int, AccountStanding]:
    """The standing of these accounts. What is void, or is itself a duplicate, was not accepted."""
    first = (
        sa.select(sa.func.min(s.submitted_at))
        .where(s.account == accounts.c.id, s.status == SubmissionStatus.SUBMITTED)
        .scalar_subquery()
    )
    wanted = sa.select(accounts.c.id, accounts.c.created_at, first.label("accepted_at"))
    rows = await conn.execute(wanted.where(accounts.c.id.in_(sorted(ids))))
    return {row.id: AccountStanding(row.id, row.created_at, row.accepted_at) for row in rows}
