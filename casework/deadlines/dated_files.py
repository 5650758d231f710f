"""Reading what deadlines are counted from, of many files in a few statements."""

from collections.abc import Collection, Mapping

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.deadlines.open_deadlines import DatedFile
from casework.files import events
from foundation.errors import Code, Refusal
from quota.programmes import Programme
from quota.store import period
from submission.states import SubmissionStatus
from submission.store import submission

s = submission.c


async def dated_file(conn: AsyncConnection, programmes: Mapping[str, Programme], number: int) -> DatedFile:
    """One file. Refusal not_found."""
    found = await dated_files(conn, programmes, [number])
    if number not in found:
        raise Refusal(Code.NOT_FOUND)
    return found[number]


async def dated_files(
    conn: AsyncConnection, programmes: Mapping[str, Programme], numbers: Collection[int]
) -> dict[int, DatedFile]:
    """These files, by their number, in its order; programmes give the days of those outside the quota."""
    wanted = (
        sa.select(s.id, s.account, s.submitted_at, s.pay_by, s.ledger, s.status, period.c.pay_days)
        .outerjoin(period, period.c.uid == s.period)
        .where(s.id.in_(numbers))
        .order_by(s.id)
    )
    rows = list(await conn.execute(wanted))
    histories = await events.histories(conn, {row.id: SubmissionStatus(row.status) for row in rows})
    return {
        row.id: DatedFile(
            submission=row.id,
            account=row.account,
            submitted_at=row.submitted_at,
            pay_by=row.pay_by,
            pay_days=row.pay_days if row.ledger is None else _pay_days(programmes.get(row.ledger)),
            history=histories[row.id],
        )
        for row in rows
    }


async def standing_after(conn: AsyncConnection, number: int, most: int) -> list[int]:
    """The next files after this one whose submission stands, in the order of their numbers."""
    standing = (s.id > number, s.status == SubmissionStatus.SUBMITTED)
    return list((await conn.execute(sa.select(s.id).where(*standing).order_by(s.id).limit(most))).scalars())


async def lock(conn: AsyncConnection, numbers: Collection[int]) -> None:
    """Take the locks of these files, in the order of their numbers, before anything else of them is read."""
    await conn.execute(sa.select(s.id).where(s.id.in_(numbers)).order_by(s.id).with_for_update())


def _pay_days(programme: Programme | None) -> int | None:
    return None if programme is None else programme.payment.due_days
