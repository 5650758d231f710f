"""The deadlines of remedies, for the one place that knows all deadlines of a file (P13): what the letter of a decision
named moves too when a day is proclaimed a holiday. Pure."""

from collections.abc import Iterable

from casework.deadlines.open_deadlines import DatedFile, DeadlineSource, OpenDeadline, last_told
from casework.deadlines.states import DeadlineKind
from casework.files.states import FileEventKind, FileStatus
from foundation.calendar.closures import Closures
from foundation.calendar.spans import calendar_days

_DECISIONS = frozenset({FileEventKind.DECIDED, FileEventKind.DECISION_REPLACED})


def open_remedies(of: DatedFile, closures: Closures) -> Iterable[OpenDeadline]:
    """The last day of each remedy that the decision in force named (RX-01)."""
    if of.status is not FileStatus.DECIDED:
        return
    event = next(one for one in reversed(of.history.events) if one.kind in _DECISIONS)
    for id, days in event.detail.get("remedies", {}).items():
        if event.on_day is not None:
            found = calendar_days(event.on_day, days, closures)
            key = f"{event.detail['serial']}-{id}"
            one = OpenDeadline(kind=DeadlineKind.REMEDY, key=key, found=found, told=event.on_day)
            first = calendar_days(event.on_day, days).last_day
            yield OpenDeadline(
                kind=one.kind, key=key, found=found, told=last_told(of.history, one.name, first)
            )


REMEDIES = DeadlineSource(open_remedies)
