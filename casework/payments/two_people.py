"""Money that goes out takes two people above an amount (P17): `[payment] refund_alone` of the programme.

The first one's word waits for a day as an approval of its subject (`quota/approvals.py`), and nothing is done; the
second one says the same, and it is done. Everything under the file's lock, which the caller has.
"""

from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from casework.payments.services import PaymentServices
from casework.payments.unpaid import reminders
from foundation import audit
from foundation.audit import Actor
from foundation.subjects import Subject
from quota import approvals
from quota.approvals import Approval

ASKED: Final = "money_asked"
"""The line of the audit that says what somebody wants and another one has to want too."""


async def takes_two(conn: AsyncConnection, services: PaymentServices, number: int, cents: int) -> bool:
    """Whether so much may not go back by one person alone."""
    return cents > (await reminders.rules_of(conn, services, number)).refund_alone


async def agreed(
    conn: AsyncConnection, subject: Subject, act: str, cents: int, why: str, by: Actor, now: int
) -> Approval | None:
    """What the first person wanted, once a second one wants it too; None where this is the first, and it waits.

    Refusal second_person_needed for whoever asked already, under whatever spelling.
    """
    asked = await approvals.waiting(conn, subject, act, now)
    if asked is None:
        await approvals.ask(conn, subject, act, by.name, why, now)
        await audit.record(conn, by, ASKED, subject, now, reason=why, of=act, cents=cents)
        return None
    if approvals.is_same(asked.author, by.name):
        raise approvals.second_person_needed(asked.author, act)
    await approvals.approve(conn, asked, by.name, now)
    return asked
