"""The deadlines of files: which features have some, and what the tasks and pages about them are given."""

from collections.abc import Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from casework.checklists.deadline import DOCUMENTS
from casework.deadlines.open_deadlines import DatedFile, DeadlineSource, OpenDeadline
from casework.deadlines.payment import PAYMENT, payment_source
from casework.deadlines.services import DeadlineServices
from casework.decisions.deadline import REMEDIES
from casework.mailbox.services import mailbox_services
from casework.payments.supplements import rows, watching
from casework.payments.supplements.deadline import SUPPLEMENT, supplement_source
from casework.payments.unpaid import reminders
from config.wiring.payments import services_of
from quota.programmes import Programme

SOURCES: Sequence[DeadlineSource] = (PAYMENT, SUPPLEMENT, DOCUMENTS, REMEDIES)
"""Whose deadlines move when a day is proclaimed a holiday; a feature adds its own here."""


def deadline_services(
    programmes: Mapping[str, Programme], secret_keys: Sequence[str], public_url: str
) -> DeadlineServices:
    """Made once a process."""
    payments = services_of(programmes, secret_keys, public_url)

    async def remind_later(conn: AsyncConnection, of: DatedFile, one: OpenDeadline, now: int) -> None:
        await reminders.stage_days(conn, payments, of.submission, now)

    async def remind_of_supplement(
        conn: AsyncConnection, of: DatedFile, _one: OpenDeadline, now: int
    ) -> None:
        awaited = rows.awaited_of(await rows.of_file(conn, of.submission))
        if awaited is not None:
            await watching.stage_days(conn, payments, awaited, now)

    told = {PAYMENT: payment_source(remind_later), SUPPLEMENT: supplement_source(remind_of_supplement)}
    return DeadlineServices(
        sources=[told.get(one, one) for one in SOURCES],
        programmes=programmes,
        mailbox=mailbox_services(secret_keys, public_url),
    )
