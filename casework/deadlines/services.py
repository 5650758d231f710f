"""What the functions of deadlines work with."""

from collections.abc import Mapping, Sequence

import msgspec

from casework.deadlines.open_deadlines import DeadlineSource
from casework.mailbox.services import MailboxServices
from quota.programmes import Programme


class DeadlineServices(msgspec.Struct, frozen=True, kw_only=True):
    """Made once a process, in `config/wiring/deadlines.py`. `programmes` give the days of files outside the quota."""

    sources: Sequence[DeadlineSource]
    programmes: Mapping[str, Programme]
    mailbox: MailboxServices
