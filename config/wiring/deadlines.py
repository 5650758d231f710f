"""The deadlines of files: which features have some, and what the tasks and pages about them are given."""

from collections.abc import Mapping, Sequence

from casework.checklists.deadline import DOCUMENTS
from casework.deadlines.open_deadlines import DeadlineSource
from casework.deadlines.payment import PAYMENT
from casework.deadlines.services import DeadlineServices
from casework.mailbox.services import mailbox_services
from quota.programmes import Programme

SOURCES: Sequence[DeadlineSource] = (PAYMENT, DOCUMENTS)
"""Whose deadlines move when a day is proclaimed a holiday; a feature adds its own here."""


def deadline_services(
    programmes: Mapping[str, Programme], secret_keys: Sequence[str], public_url: str
) -> DeadlineServices:
    """Made once a process."""
    mailbox = mailbox_services(secret_keys, public_url)
    return DeadlineServices(sources=SOURCES, programmes=programmes, mailbox=mailbox)
