"""Files with dates, for tests of deadlines: no store needed."""

from collections.abc import Sequence
from datetime import date, time
from typing import Any

from casework.deadlines.open_deadlines import DatedFile
from casework.files.events import FileEvent, FileHistory
from foundation.calendar.days import end_of_day, instant_on
from submission.states import SubmissionStatus

MONDAY = date(2016, 6, 13)
"""The day of submission: 30 days later is Wednesday, 13 July."""

LAST_DAY = date(2016, 7, 13)


def dated(
    told: date = LAST_DAY, events: Sequence[FileEvent] = (), submitted_on: date = MONDAY, **values: Any
) -> DatedFile:
    """A file that was submitted at ten, and whose last day to pay was told as this."""
    history = FileHistory(submission=7, standing=SubmissionStatus.SUBMITTED, events=events)
    rest = {
        "submission": 7,
        "account": 1,
        "submitted_at": instant_on(submitted_on, time(10)),
        "pay_by": end_of_day(told),
        "pay_days": 30,
    }
    return DatedFile(history=history, **(rest | values))
