"""Which handler each kind of item has."""

from collections.abc import Mapping
from typing import Final

from casework.mailroom.handlers import checklists, modifications, payments, plain, procurations, withdrawals
from casework.mailroom.handlers.handler import MailHandler
from casework.mailroom.states import MailKind

HANDLERS: Final[Mapping[MailKind, MailHandler]] = {
    MailKind.PAYMENT: payments.HANDLER,
    MailKind.PROCURATION: procurations.HANDLER,
    MailKind.CHECKLIST: checklists.HANDLER,
    MailKind.PAPER_MODIFICATION: modifications.HANDLER,
    MailKind.WITHDRAWAL: withdrawals.HANDLER,
    MailKind.RETURNED_MAIL: plain.HANDLER,
    MailKind.OTHER: plain.HANDLER,
}
"""Every kind has one; a test holds it."""
