"""Each day the register is asked again for every consultant who represents somebody (RP-05): a task of the outbox.

The ticker stages the task of the day, whose key is the day: however often, it is done once; after days without a
ticker or a worker the next one does it all, as it asks for the day on which it runs. An import asks at once.
"""

from datetime import datetime, time
from enum import StrEnum
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.representatives import moving, powers
from accounts.representatives.moving import SERVICE
from accounts.representatives.register import standing
from accounts.representatives.register.standing import ConsultantStatus, RegisterStanding
from accounts.representatives.services import RepresentativeServices
from accounts.representatives.states import PowerMove, PowerState
from accounts.representatives.store import REGISTER, consultant, representative
from foundation import outbox
from foundation.clock import montreal, montreal_instant
from foundation.outbox import Effect
from foundation.subjects import Subject

r, c = representative.c, consultant.c

AT: Final = time(3, 15)
"""In Montréal: when nobody works at a file, and never an hour that a change of the hour skips or repeats."""

MOST_AT_ONCE: Final = 200
"""Powers frozen in one transaction; the rest is a task of its own."""


class RegisterTask(StrEnum):
    """Kinds of tasks of the register."""

    CHECK = "consultant_check"
    """Freezes the powers of consultants whom the register does not recognise on the day on which it runs."""


async def stage_daily(conn: AsyncConnection, now: int) -> bool:
    """Have today's check done, once; False where it was staged already."""
    day = montreal(now).date()
    subject = Subject(REGISTER, day.isoformat())
    due_at = montreal_instant(datetime.combine(day, AT))
    return await outbox.stage(conn, RegisterTask.CHECK, subject, now, due_at=due_at)


async def stage_now(conn: AsyncConnection, now: int) -> bool:
    """Have a check done at once, beside the day's: the register has changed."""
    subject = Subject(REGISTER, montreal(now).date().isoformat())
    key = f"{outbox.key_of(RegisterTask.CHECK, subject)}:{now}"
    return await outbox.stage(conn, RegisterTask.CHECK, subject, now, key=key)


def checking(services: RepresentativeServices) -> Effect:
    """The effect of a check."""

    async def check(conn: AsyncConnection, subject: Subject, now: int) -> None:
        frozen = await freeze(conn, services, now)
        if frozen == MOST_AT_ONCE:
            await stage_now(conn, now)

    return check


async def freeze(
    conn: AsyncConnection, services: RepresentativeServices, now: int, most: int = MOST_AT_ONCE
) -> int:
    """Freeze the powers of consultants whom the register does not recognise now; how many there were."""
    day = montreal(now).date()
    is_recognised = sa.and_(
        c.status == ConsultantStatus.RECOGNISED,
        c.valid_from <= day.isoformat(),
        c.valid_to >= day.isoformat(),
    )
    rows = await conn.execute(
        sa.select(representative)
        .join(consultant, c.id == r.consultant)
        .where(r.state.in_((PowerState.DECLARED, PowerState.RECEIVED, PowerState.ACTIVE)), ~is_recognised)
        .order_by(r.id)
        .limit(most)
        .with_for_update(of=representative)
    )
    found = [powers.opened(row, services.details) for row in rows]
    done = []
    for one in found:
        entry = None if one.consultant is None else await standing.by_id(conn, one.consultant)
        stands = standing.standing(entry, day)
        assert stands is not RegisterStanding.RECOGNISED  # as SQL says
        done.append(await moving.move(conn, services, one, PowerMove.FREEZE, SERVICE, now, word=stands))
    await moving.recorded(conn, now, *done)
    return len(done)
