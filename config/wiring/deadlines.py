"""The deadlines of files: which features have some, and what the tasks and pages about them are given."""

from collections.abc import Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from casework.checklists.deadline import DOCUMENTS
from casework.deadlines.open_deadlines import DatedFile, DeadlineSource, OpenDeadline
from casework.deadlines.payment import PAYMENT, payment_source
from casework.deadlines.services import DeadlineServices
from casework.decisions.deadline import REMEDIES
from casework.mailbox.services import mailbox_services
from casework.payments.unpaid import reminders
from config.wiring.payments import services_of
from quota.programmes import Programme

SOURCES: Sequence[DeadlineSource] = (PAYMENT, DOCUMENTS, REMEDIES)
"""Whose deadlines move when a day is proclaimed a holiday; a feature adds its own here."""


def deadline_services(
    programmes: Mapping[str, Programme], secret_keys: Sequence[str], public_url: str
) -> DeadlineServices:
    """Made once a process."""
    payments = services_of(programmes, secret_keys, public_url)

    async def remind_later(conn: AsyncConnection, of: DatedFile, one: OpenDeadline, now: int) -> None:
        await reminders.stage_days(conn, payments, of.submission, now)

    reminded = payment_source(remind_later)
    return DeadlineServices(
        sources=[reminded if one is PAYMENT else one for one in SOURCES],
        programmes=programmes,
        mailbox=mailbox_services(secret_keys, public_url),
    )
