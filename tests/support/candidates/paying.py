"""Payments for tests: the services, and money that comes for a file and is settled at once."""

from datetime import date
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework import documents
from casework.files import events
from casework.files.states import FileStatus
from casework.mailbox import messages
from casework.payments import movements, receiving, settling
from casework.payments.postal import PostalJudgement, PostalPayment
from casework.payments.services import payment_services
from casework.payments.settling import Settlement
from casework.payments.states import Instrument, MovementKind
from foundation.audit import SERVICE, Actor
from foundation.calendar.days import day_of
from foundation.clock import now_ms
from foundation.sql.database import Database
from quota import frozen_rules
from quota.programmes import PaymentRules
from submission.store import submission
from tests.support.desks import REPRESENTATIVES
from tests.support.rooms import KEYS
from tests.support.tasks import KNOWN

PAYMENTS = payment_services(KNOWN, KEYS, REPRESENTATIVES)

FEE = 82_200
"""What the demo asks of one person, by its row of 2021."""


FREE = frozen_rules.written(
    msgspec.structs.replace(frozen_rules.of_programme(KNOWN["demo"]), payment=PaymentRules(policy="none"))
)

FREE_PERIOD: dict[str, Any] = {"rules": FREE[0], "rules_digest": FREE[1], "pay_days": 0}
"""A period of a programme that asks for no fees, as it is announced."""


async def last_day(db: Database, number: int = 1) -> date:
    """The last day to pay a file."""
    one = sa.select(submission.c.pay_by).where(submission.c.id == number)
    return day_of((await db.read(lambda conn: conn.execute(one))).scalar_one())


async def move_money(
    conn: AsyncConnection,
    cents: int,
    key: str,
    kind: MovementKind = MovementKind.IN,
    number: int = 1,
    on_day: date | None = None,
    instrument: Instrument = Instrument.CARD,
    charge: str | None = None,
) -> Settlement:
    """One movement, settled in its transaction."""
    day = on_day or day_of(now_ms())
    await movements.add(conn, number, kind, instrument, cents, day, SERVICE, now_ms(), key=key, charge=charge)
    return await settling.settle(conn, PAYMENTS, number, now_ms())


CLERK = Actor("claire", "clerk")

AGENT = Actor("agathe", "agent")


async def came_by_post(
    db: Database,
    cents: int,
    key: str = "item:1",
    instrument: Instrument | None = Instrument.BANK_DRAFT,
    number: int = 1,
    on_day: date | None = None,
) -> PostalJudgement:
    """A payment that a clerk enters."""
    payment = PostalPayment(instrument=instrument, cents=cents, received_on=on_day or day_of(now_ms()))
    return await db.write(
        lambda conn: receiving.enter(conn, PAYMENTS, number, payment, CLERK, now_ms(), key=key)
    )


async def status_of_file(db: Database, number: int = 1) -> FileStatus:
    """Where a file stands."""
    return (await db.read(lambda conn: events.history(conn, number))).status


async def balance_of(db: Database, number: int = 1) -> int:
    """What a file has paid, in cents."""
    return movements.balance(await db.read(lambda conn: movements.of_file(conn, number)))


async def titles_of(db: Database, account: int = 1) -> tuple[list[str], list[str]]:
    """The titles of an account's letters and of its messages, sorted."""
    letters = await db.read(lambda conn: documents.of_account(conn, account))
    told = await db.read(lambda conn: messages.of_account(conn, account))
    return sorted(one.title for one in letters), sorted(one.title for one in told)
