"""The deadlines of a list as the calendar asks for them: from events, later by a proclaimed day, never earlier."""

from datetime import date

import pytest

from casework.checklists.deadline import open_lists
from casework.deadlines.open_deadlines import DatedFile
from casework.files.events import FileEvent, FileHistory
from casework.files.states import FileEventKind
from foundation.calendar.closures import PUBLIC_SERVICE, ProclaimedDay
from submission.states import SubmissionStatus

_K = FileEventKind


def event(kind: FileEventKind, day: date | None = None, **detail: object) -> FileEvent:
    return FileEvent(kind=kind, at=1, actor="x", on_day=day, detail=detail)


def of(*events: FileEvent) -> DatedFile:
    history = FileHistory(submission=1, standing=SubmissionStatus.SUBMITTED, events=[event(_K.PAID), *events])
    return DatedFile(submission=1, account=1, submitted_at=0, pay_by=0, pay_days=30, history=history)


SENT = event(_K.CHECKLIST_SENT, date(2016, 6, 13), days=90)

COMPLETE = event(_K.DOCUMENTS_COMPLETE)

REOPENED = event(_K.DOCUMENTS_REOPENED, date(2016, 10, 3), item=2, days=30)


@pytest.mark.parametrize(
    ("events", "days"),
    [
        ((), {}),
        ((SENT,), {"documents": date(2016, 9, 12)}),
        ((SENT, COMPLETE), {}),
        ((SENT, COMPLETE, REOPENED), {"documents": date(2016, 9, 12), "documents:2": date(2016, 11, 2)}),
        ((SENT, COMPLETE, REOPENED, event(_K.ITEM_SETTLED, item=2)), {"documents": date(2016, 9, 12)}),
    ],
)
def test_what_is_awaited_has_its_day(events: tuple[FileEvent, ...], days: dict[str, date]) -> None:
    found = open_lists(of(*events), PUBLIC_SERVICE)
    assert {one.name: one.last_day for one in found} == days


def test_a_proclaimed_day_moves_it_later_and_what_was_told_stays() -> None:
    closed = PUBLIC_SERVICE.having(ProclaimedDay(date(2016, 9, 12), "un jour de deuil national"))
    (moved,) = open_lists(of(SENT), closed)
    assert moved.last_day == date(2016, 9, 13) and moved.told == date(2016, 9, 12)
    told = event(_K.DEADLINE_MOVED, date(2016, 9, 13), deadline="documents")
    (stays,) = open_lists(of(SENT, told), PUBLIC_SERVICE)
    assert stays.last_day == date(2016, 9, 13)
