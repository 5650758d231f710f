"""Annulling a period: everything in it is taken back, and nobody is left without a word (ADR 0020).

While it runs one person suffices, because stopping must not wait. Once it is over or full it takes two: what the first
one asks for is kept for a day, and the second one does it (P17). `accepted` never goes down: what was accepted is void,
which another column counts.
"""

from collections.abc import Awaitable, Callable

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.audit import By, acting, record
from foundation.errors import Code, Refusal
from foundation.subjects import Subject
from quota import approvals, ledger
from quota.approvals import Approval
from quota.moves import schedule, writing
from quota.period_bounds import read_reason
from quota.periods import flags_of, move
from quota.states import RUNNING, Action, PeriodAct
from quota.store import PERIOD, Period

Void = Callable[[AsyncConnection, str, int], Awaitable[int]]
"""Marks what was accepted in the period of this uid as void at this instant, and says how many those are. It writes
before the record does, in the same transaction."""


class Annulment(msgspec.Struct, frozen=True):
    """What came of it: the period as it is now; and the refusal, where it waits for a second person. What was asked for
    is kept then, so the refusal is raised after the commit."""

    period: Period
    refusal: Refusal | None = None

    def done(self) -> Period:
        """The annulled period. Raises Refusal second_person_needed."""
        if self.refusal is not None:
            raise self.refusal
        return self.period


async def annul(
    conn: AsyncConnection, uid: str, reason: str | None, actor: By, now: int, void: Void
) -> Annulment:
    """Take back a period with all that was accepted in it. `reason` is told to everybody; a second person may leave it
    out, as theirs is the first one's.

    Raises Refusal move_not_allowed for a draft and for one that is annulled, invalid without a reason, not_found.
    """
    reason = read_reason(reason)
    period = await schedule.settle(conn, uid, now)
    after = move(flags_of(period), Action.ANNUL, now, period.opens_at)
    subject, name = Subject(PERIOD, uid), acting(actor).name
    asked: Approval | None = None
    if period.state not in RUNNING:
        asked = await approvals.waiting(conn, subject, Action.ANNUL, now)
        if asked is None:
            return await _ask(conn, period, _required(reason), actor, now)
        if approvals.is_same(asked.author, name):
            return Annulment(period, approvals.second_person_needed(asked.author, Action.ANNUL))
        await approvals.approve(conn, asked, name, now)
        reason = asked.reason or reason
    told = _required(reason)
    cancelled = await ledger.cancel_live(conn, period)
    voided = await void(conn, uid, now)
    said = {"cancelled": cancelled, "voided": voided} | ({"asked_by": asked.author} if asked else {})
    values = {
        "held": period.held - cancelled,
        "voided": voided,
        "annulled_at": now,
        "annul_reason": told,
        "notice": None,  # what it said was said of a period that stood
        "notice_at": None,
    }
    return Annulment(
        await writing.become(conn, period, after, actor, Action.ANNUL, now, said, reason=told, **values)
    )


async def _ask(conn: AsyncConnection, period: Period, reason: str, actor: By, now: int) -> Annulment:
    """Keep what the first of two people wants; nothing moves."""
    subject, name = Subject(PERIOD, period.uid), acting(actor).name
    await approvals.ask(conn, subject, Action.ANNUL, name, reason, now)
    await record(conn, actor, PeriodAct.ASK_ANNUL, subject, now, reason=reason)
    return Annulment(period, approvals.second_person_needed(name, Action.ANNUL))


def _required(reason: str | None) -> str:
    if reason is None:
        fields = [{"name": "reason", "reason": "doit dire pourquoi : tout le monde le lira"}]
        raise Refusal(Code.INVALID, fields=fields)
    return reason
