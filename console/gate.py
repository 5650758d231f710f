"""Announcing and arming wait for a ready installation, or for an operator who goes past what it is not ready for.

Going past is another verb (`override`): with a reason, counted, shown, and on the record in the transaction of the act.
"""

from collections.abc import Awaitable, Callable, Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from console.readiness import CheckResult, ReadinessFacts, blocking, findings, shown
from foundation import audit
from foundation.audit import By
from foundation.errors import Code, Refusal
from foundation.subjects import Subject
from quota.states import Action, PeriodState
from quota.store import PERIOD, Period

OVERRIDE = "override"
"""The act of going past findings; `reason` says why, `detail` which act it was for and what was found."""

BEFORE = {Action.ANNOUNCE: PeriodState.DRAFT, Action.ARM: PeriodState.ANNOUNCED}
"""The acts that wait for a ready installation, and where each starts."""

LONGEST_REASON = 500

Facts = Callable[[Period], Awaitable[ReadinessFacts]]
"""Finds out how an installation is before a period (`config/readiness.py`)."""


class ReadinessGate:
    """Asks, and lets pass. Without `facts` nothing is asked, and everything is ready: for parts without a host."""

    def __init__(self, facts: Facts | None) -> None:
        self.facts = facts

    async def results(self, period: Period) -> list[CheckResult]:
        """What is found now."""
        return [] if self.facts is None else findings(await self.facts(period))


def let_pass(results: Sequence[CheckResult], reason: str | None) -> list[CheckResult]:
    """The findings that a reason lets pass; none where nothing keeps the act back. Refusal not_ready without one.
    Pure."""
    kept_back_by = blocking(results)
    if kept_back_by and reason is None:
        raise Refusal(Code.NOT_READY, findings=shown(kept_back_by))
    return list(kept_back_by)


def read_reason(text: str | None) -> str | None:
    """The reason of an override as it was typed; an empty one is none. Refusal invalid."""
    reason = (text or "").strip()
    if len(reason) > LONGEST_REASON:
        field = {"name": "override_reason", "reason": f"doit avoir {LONGEST_REASON} caractères au plus"}
        raise Refusal(Code.INVALID, fields=[field])
    return reason or None


async def record_override(
    conn: AsyncConnection,
    period: Period,
    actor: By,
    act: str,
    passed: Sequence[CheckResult],
    reason: str,
    now: int,
) -> None:
    """Write down what was gone past, after the act in its transaction."""
    checks = [one.check for one in passed]
    subject = Subject(PERIOD, period.uid)
    await audit.record(conn, actor, OVERRIDE, subject, now, reason=reason, move=act, findings=checks)


async def overrides(conn: AsyncConnection, uid: str) -> int:
    """How often this period was moved past findings."""
    about = (audit.a.c.subject_kind == PERIOD, audit.a.c.subject_id == uid, audit.a.c.act == OVERRIDE)
    return int((await conn.execute(sa.select(sa.func.count()).where(*about))).scalar_one())
