"""Places that unpaid applications released, for tests: a period by whose rules they are, and files that are deleted."""

from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.files import events
from casework.files.states import FileEventKind
from casework.payments.unpaid import deletion
from foundation.audit import SERVICE
from foundation.clock import now_ms
from foundation.sql.database import Database
from quota import frozen_rules, ledger
from quota.programmes import PaymentRules, Programme
from quota.states import PeriodState
from tests.support.candidates.paying import PAYMENTS
from tests.support.tasks import KNOWN, submitted

REOPENS: Programme = msgspec.structs.replace(KNOWN["demo"], payment=PaymentRules(on_unpaid="reopen"))
"""A programme that offers the places of unpaid applications again."""

_RULES = frozen_rules.written(frozen_rules.of_programme(REOPENS))

REOPENING: dict[str, Any] = {"rules": _RULES[0], "rules_digest": _RULES[1]}
"""Values of a period of it, as it is announced."""


async def delete_unpaid(db: Database, *numbers: int) -> None:
    """These files are deleted as the rule deletes what was not paid."""

    async def work(conn: AsyncConnection) -> None:
        for number in numbers:
            of = await events.history(conn, number, lock=True)
            await deletion.delete(conn, PAYMENTS, of, FileEventKind.UNPAID_DELETED, SERVICE, now_ms())

    await db.write(work)


async def end_period(db: Database, id: str = "essai", state: PeriodState = PeriodState.CLOSED) -> None:
    """The period of this name has ended."""

    async def work(conn: AsyncConnection) -> None:
        found = await ledger.period_by_id(conn, id)
        await ledger.update(conn, found.uid, state=state, ended_at=now_ms())

    await db.write(work)


async def released(db: Database, many: int = 2) -> None:
    """An ended period « essai » that released this many places, of one submission more."""
    await submitted(db, many + 1, **REOPENING)
    await delete_unpaid(db, *range(1, many + 1))
    await end_period(db)
