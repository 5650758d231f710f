"""What the API says of a submission's file beside its receipt, each fact under a name of its own."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.representatives import disclosure
from casework.checklists.items import Checklist, find
from casework.checklists.services import ChecklistCipher
from casework.files import events
from casework.files.events import FileHistory
from casework.payments import cases, settling
from casework.payments.card import charges
from casework.payments.services import PaymentServices
from casework.payments.states import PaymentState, payment_state
from casework.payments.supplements import due
from casework.payments.supplements.rows import Supplement
from casework.receipts import Submission
from foundation.calendar.days import day_of
from foundation.clock import now_ms, rfc3339
from submission.store import submission

FileFact = Callable[[AsyncConnection, Submission, FileHistory], Awaitable[Any]]
"""One fact of a file, for its own account: what JSON takes, or None where there is nothing to say."""

FileFacts = Mapping[str, FileFact]
"""By name."""

PAYMENT_WORDS = {
    PaymentState.NOTHING: "due",
    PaymentState.PENDING: "pending",
    PaymentState.PAID: "paid",
    PaymentState.REVERSED: "returned",
    PaymentState.TO_DECIDE: "pending",
    PaymentState.EXPIRED: "expired",
    PaymentState.NOT_DUE: "not_due",
}
"""State of a payment -> what the contract calls it; money that waits for a person is under way for its owner."""


async def facts_of(conn: AsyncConnection, facts: FileFacts, of: Submission) -> dict[str, Any]:
    """Every fact of a file, read in one transaction."""
    history = await events.history(conn, of.id)
    return {name: await fact(conn, of, history) for name, fact in facts.items()}


async def file_fact(conn: AsyncConnection, of: Submission, history: FileHistory) -> dict[str, Any]:
    """Where the file stands and what happened to it; never who of the staff it was."""
    return {
        "status": history.status,
        "events": [{"kind": one.kind, "at": rfc3339(one.at), "on_day": one.on_day} for one in history.events],
    }


async def representative_fact(
    conn: AsyncConnection, of: Submission, history: FileHistory
) -> dict[str, Any] | None:
    """The state of the procuration of the account's representative; never who it is."""
    s = submission.c
    account = (await conn.execute(sa.select(s.account).where(s.id == of.id))).scalar_one()
    power = await disclosure.power_of(conn, account)
    return None if power is None else {"kind": power.kind, "state": power.state}


def payment_fact(services: PaymentServices) -> FileFact:
    """The fee and where its payment stands; None for a file of which no rule says a fee."""

    async def fact(conn: AsyncConnection, of: Submission, history: FileHistory) -> dict[str, Any] | None:
        dues = await due.dues_of(conn, services, history)
        if dues.fee is None:
            return None
        last = await settling.last_day(conn, of.id)
        state = payment_state(
            history.status,
            balance=dues.stays,
            to_decide=await cases.holds_money(conn, of.id),
            under_way=bool(await charges.under_way(conn, of.id)),
            is_over=day_of(now_ms()) > last,
        )
        return {
            "state": PAYMENT_WORDS[state],
            "amount_cents": dues.fee.cents,
            "currency": "CAD",
            "pay_by": rfc3339(of.pay_by),
            "supplements": [supplement_shown(one) for one in dues.supplements],
        }

    return fact


def supplement_shown(one: Supplement) -> dict[str, Any]:
    """The fee of an amendment, in the contract's words."""
    return {
        "amendment": one.serial,
        "state": one.state,
        "amount_cents": one.cents,
        "currency": "CAD",
        "pay_by": rfc3339(one.pay_by),
    }


def checklist_fact(cipher: ChecklistCipher) -> FileFact:
    """The personal list, once it went out."""

    async def fact(conn: AsyncConnection, of: Submission, history: FileHistory) -> dict[str, Any] | None:
        listed = await find(conn, cipher, of.id)
        return None if listed is None else list_shown(listed)

    return fact


def list_shown(listed: Checklist) -> dict[str, Any]:
    """A list as its owner has it over the API."""
    return {
        "sent_on": listed.sent_on,
        "due_on": listed.deadline().last_day,
        "items": [
            {
                "number": one.number,
                "title": one.title,
                "person": one.person,
                "name": one.name,
                "format": one.format,
                "state": one.state,
                "due_on": listed.deadline(one).last_day,
                "received_on": None if one.received is None else one.received.on_day,
                "receipt": None if one.received is None else one.received.receipt,
            }
            for one in listed.items
        ],
    }
