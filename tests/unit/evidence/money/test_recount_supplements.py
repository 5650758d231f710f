"""What amendments cost, counted from books: row, events and movements must say the same, and each forgery is named."""

from datetime import date
from typing import Any

import msgspec
import pytest

from casework.files.states import FileEventKind as K
from evidence.books import (
    Books,
    FileEventRow,
    MoneyCaseRow,
    MovementRow,
    ReviewedAmendment,
    SubmissionRow,
    SupplementRow,
)
from evidence.money import recount_supplements as checks
from evidence.money.recount_supplements import figures, supplements_add_up, told_of
from foundation.calendar.days import end_of_day
from submission import fees
from submission.fees import FeeLine, FeePerson, FixedFee
from tests.unit.evidence.sound_books import a_period

FEE, EXTRA = 75_000, 17_600


def fixed(person: FeePerson, cents: int) -> str:
    lines = (FeeLine(person=person, count=1, each=cents),)
    text = fees.written(FixedFee(since=date(2013, 1, 1), lines=lines))
    assert text is not None
    return text


FILE = SubmissionRow(
    1, "R-1", 1, 2, 3, "p", pay_by=end_of_day(date(2016, 7, 13)), fee=fixed(FeePerson.PRINCIPAL, FEE)
)

CHILD = SupplementRow(
    id=1, submission=1, serial=1, fee=fixed(FeePerson.DEPENDANT, EXTRA), pay_by=end_of_day(date(2016, 9, 13))
)

CHILD_PAID = msgspec.structs.replace(CHILD, paid_at=300)

CHILD_GONE = msgspec.structs.replace(CHILD, lapsed_at=400)

IN = MovementRow(1, 1, "in", "card", FEE, "2016-07-13", "fee", 100)

EXTRA_IN = MovementRow(2, 1, "in", "card", EXTRA, "2016-09-13", "extra", 300)

EXTRA_OUT = MovementRow(3, 1, "out", "card", EXTRA, "2016-09-20", "back", 350)

CASE = MoneyCaseRow(1, EXTRA, "lapsed")


def happened(*told: tuple[K, int, dict[str, Any]]) -> list[FileEventRow]:
    return [
        FileEventRow(n, 1, kind, at=at, detail=msgspec.json.encode(detail).decode())
        for n, (kind, at, detail) in enumerate(((K.PAID, 100, {"cents": FEE}), *told), 1)
    ]


ASKED = (K.AMENDED, 200, {"serial": 1, "cents": EXTRA, "days": 30, "pay_by": "2016-09-13"})

PAID = (K.SUPPLEMENT_PAID, 300, {"serial": 1, "cents": EXTRA})

BACK = (K.SUPPLEMENT_REVERSED, 350, {"serial": 1, "cents": EXTRA, "lapsed": False})

LAPSED = (K.AMENDMENT_LAPSED, 400, {"serial": 1})

DECIDED: tuple[K, int, dict[str, Any]] = (K.DECIDED, 500, {})

WITHDRAWN: tuple[K, int, dict[str, Any]] = (K.WITHDRAWN, 500, {})


def books(
    rows: list[SupplementRow], moved: list[MovementRow], events: list[FileEventRow], **more: Any
) -> Books:
    return Books(
        period=a_period(), submissions=[FILE], supplements=rows, movements=[IN, *moved], file_events=events,
        **more,
    )  # fmt: skip


@pytest.mark.parametrize(
    "sound",
    [
        books([], [], happened()),
        books([], [], happened((K.AMENDED, 200, {"serial": 1}))),
        books([CHILD], [], happened(ASKED)),
        books([CHILD_PAID], [EXTRA_IN], happened(ASKED, PAID), acknowledged=[ReviewedAmendment(1, 1, 301)]),
        books([CHILD], [EXTRA_IN, EXTRA_OUT], happened(ASKED, PAID, BACK)),
        books([CHILD_GONE], [], happened(ASKED, LAPSED)),
        books(
            [CHILD_GONE], [msgspec.structs.replace(EXTRA_IN, at=450)], happened(ASKED, LAPSED), money_cases=[CASE]
        ),
        books([CHILD_GONE], [], happened(ASKED, WITHDRAWN)),
        books([msgspec.structs.replace(CHILD, pay_by=end_of_day(date(2016, 9, 14)))], [], happened(ASKED)),
        books([CHILD_PAID], [EXTRA_IN, EXTRA_OUT], happened(ASKED, PAID, DECIDED)),
        books([CHILD], [EXTRA_IN], happened(ASKED, WITHDRAWN)),
    ],
    ids=[
        "nothing", "an address", "awaited", "paid", "back", "lapsed", "late money waits", "ended", "a holiday",
        "back after the decision", "late money of an end",
    ],
)  # fmt: skip
def test_sound_books(sound: Books) -> None:
    assert supplements_add_up(sound) == []


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (books([], [], happened(ASKED)), checks.NOT_ASKED),
        (books([CHILD], [], happened()), checks.NOT_ASKED),
        (books([msgspec.structs.replace(CHILD, fee=fixed(FeePerson.DEPENDANT, 1))], [], happened(ASKED)),
         checks.NOT_ASKED),
        (books([msgspec.structs.replace(CHILD, pay_by=end_of_day(date(2016, 9, 12)))], [], happened(ASKED)),
         checks.NOT_ASKED),
        (books([CHILD], [EXTRA_IN], happened(ASKED)), checks.NOT_APPLIED),
        (books([CHILD_GONE], [], happened(ASKED)), checks.OTHERWISE),
        (books([CHILD_PAID], [], happened(ASKED, PAID)), checks.NOT_HERE),
        (books([CHILD_PAID], [EXTRA_IN, EXTRA_OUT], happened(ASKED, PAID)), checks.NOT_HERE),
        (books([CHILD_GONE], [EXTRA_IN], happened(ASKED, LAPSED), money_cases=[CASE]), checks.LAPSED_PAID),
        (books([CHILD_PAID], [EXTRA_IN], happened(ASKED, PAID), acknowledged=[ReviewedAmendment(1, 1, 299)]),
         checks.TOO_EARLY),
    ],
    ids=[
        "no row", "no amendment", "another amount", "an earlier day", "not applied", "no event", "no money",
        "gone back", "lapsed", "too early",
    ],
)  # fmt: skip
def test_each_forgery_is_named_once(found: Books, sentence: str) -> None:
    assert [one.sentence for one in supplements_add_up(found)] == [sentence]


def test_a_row_that_is_marked_paid_alone_is_found_twice() -> None:
    """Neither its events nor the money know of it."""
    found = supplements_add_up(books([CHILD_PAID], [], happened(ASKED)))
    assert [one.sentence for one in found] == [checks.OTHERWISE, checks.NOT_HERE]


def test_late_money_that_nobody_has_accepted_applies_nothing() -> None:
    late = msgspec.structs.replace(EXTRA_IN, on_day="2016-09-14")
    assert supplements_add_up(books([CHILD], [late], happened(ASKED))) == []


def test_without_the_movements_a_forged_row_would_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twin: who believes row and events alone sees nothing of money that is not here."""
    monkeypatch.setattr(checks, "not_here", lambda _of: iter(()))
    assert supplements_add_up(books([CHILD_PAID], [], happened(ASKED, PAID))) == []


def test_what_was_told_is_folded_in_its_order() -> None:
    (one,) = told_of(happened(ASKED, PAID, BACK, PAID)).values()
    assert (one.cents, one.state, one.paid_at) == (EXTRA, "paid", [300, 300])


def test_the_figures_are_one_line() -> None:
    assert figures(books([], [], happened())) == ""
    line = figures(books([CHILD_PAID], [EXTRA_IN], happened(ASKED, PAID)))
    assert line.replace("\N{NO-BREAK SPACE}", " ") == "fees of amendments: 1 asked for; 1 paid (176,00 $)"
