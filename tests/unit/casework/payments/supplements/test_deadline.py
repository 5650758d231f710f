"""The deadline of a supplement: open from its amendment until it is paid or lapses."""

from datetime import date
from typing import Any

import pytest

from casework.deadlines.open_deadlines import DatedFile
from casework.deadlines.states import DeadlineKind
from casework.files.events import FileEvent, FileHistory
from casework.files.states import FileEventKind
from casework.payments.supplements.deadline import open_supplements
from foundation.calendar.closures import PUBLIC_SERVICE
from foundation.calendar.days import end_of_day
from submission.states import SubmissionStatus

K = FileEventKind

MADE = end_of_day(date(2016, 6, 14))


def file(*events: tuple[FileEventKind, dict[str, Any]]) -> DatedFile:
    happened = [FileEvent(kind=kind, at=MADE, actor="service", detail=detail) for kind, detail in events]
    history = FileHistory(submission=1, standing=SubmissionStatus.SUBMITTED, events=happened)
    return DatedFile(submission=1, account=1, submitted_at=0, pay_by=0, pay_days=30, history=history)


ASKED = (K.AMENDED, {"serial": 1, "days": 30, "pay_by": "2016-07-14"})

PAID: tuple[FileEventKind, dict[str, Any]] = (K.PAID, {})


def test_it_is_open_while_it_is_awaited() -> None:
    (one,) = open_supplements(file(PAID, ASKED), PUBLIC_SERVICE)
    assert (one.kind, one.key, one.told, one.last_day) == (
        DeadlineKind.SUPPLEMENT, "1", date(2016, 7, 14), date(2016, 7, 14)
    )  # fmt: skip


@pytest.mark.parametrize(
    "events",
    [
        [PAID, (K.AMENDED, {"serial": 1})],
        [PAID, ASKED, (K.SUPPLEMENT_PAID, {"serial": 1})],
        [PAID, ASKED, (K.AMENDMENT_LAPSED, {"serial": 1})],
        [PAID, ASKED, (K.WITHDRAWN, {})],
        [
            PAID,
            ASKED,
            (K.SUPPLEMENT_PAID, {"serial": 1}),
            (K.SUPPLEMENT_REVERSED, {"serial": 1, "lapsed": True}),
        ],
    ],
)
def test_otherwise_there_is_none(events: list[tuple[FileEventKind, dict[str, Any]]]) -> None:
    assert list(open_supplements(file(*events), PUBLIC_SERVICE)) == []


def test_it_is_open_again_where_its_money_went_back() -> None:
    back = (K.SUPPLEMENT_REVERSED, {"serial": 1, "lapsed": False})
    found = open_supplements(file(PAID, ASKED, (K.SUPPLEMENT_PAID, {"serial": 1}), back), PUBLIC_SERVICE)
    assert [one.key for one in found] == ["1"]
