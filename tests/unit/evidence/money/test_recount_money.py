"""Money counted from books: the movements and the events must say the same."""

from datetime import date

import msgspec
import pytest

from evidence.books import Books, FileEventRow, MoneyCaseRow, MovementRow, SignatureRow, SubmissionRow
from evidence.money.recount_money import counted, money_adds_up
from foundation.calendar.days import end_of_day
from submission import fees
from submission.fees import FeeLine, FeePerson, FixedFee
from submission.signing import frozen
from submission.signing.frozen import FrozenAnswers
from tests.unit.evidence.sound_books import a_period

FEE = fees.written(
    FixedFee(since=date(2013, 1, 1), lines=(FeeLine(person=FeePerson.PRINCIPAL, count=1, each=75_000),))
)

MADE = SubmissionRow(1, "R-1", 1, 2, 3, "p", pay_by=end_of_day(date(2016, 7, 13)), fee=FEE)

IN = MovementRow(1, 1, "in", "card", 75_000, "2016-07-13")

OUT = MovementRow(2, 1, "out", "card", 75_000, "2016-07-20")

PAID, REVERSED, DELETED = (
    FileEventRow(n, 1, kind) for n, kind in enumerate(("paid", "payment_reversed", "unpaid_deleted"), 1)
)


def books(moved: list[MovementRow], happened: list[FileEventRow], **more: object) -> Books:
    whole = Books(period=a_period(), submissions=[MADE], movements=moved, file_events=happened)
    return msgspec.structs.replace(whole, **more)


@pytest.mark.parametrize(
    ("moved", "happened", "count"),
    [([], [], 0), ([IN], [PAID], 1), ([IN, OUT], [PAID, REVERSED], 0),
     ([msgspec.structs.replace(IN, on_day="2016-07-14")], [], 0)],
)  # fmt: skip
def test_sound_books(moved: list[MovementRow], happened: list[FileEventRow], count: int) -> None:
    """Paid in time; not paid; gone back; and late money, which counts nowhere."""
    found = books(moved, happened)
    assert money_adds_up(found) == []
    assert counted(found) == count


def test_what_was_opened_without_fees_is_counted() -> None:
    free = msgspec.structs.replace(MADE, fee=None)
    opened, withdrawn = FileEventRow(1, 1, "opened"), FileEventRow(2, 1, "withdrawn")
    assert counted(books([], [opened], submissions=[free])) == 1
    assert counted(books([], [opened, withdrawn], submissions=[free])) == 0


NOTHING = frozen.digest(frozen.canonical(FrozenAnswers(a_period().programme, "", "", [])))

MARK = SignatureRow(
    receipt="R-1",
    capacity="candidate",
    declaration="1",
    declaration_digest="",
    content_digest="d",
    opened=NOTHING,
)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (books([], [PAID]), "do not make up its fee"),
        (books([IN, OUT], [PAID]), "do not make up its fee"),
        (books([IN, msgspec.structs.replace(IN, id=2)], [PAID]), "nobody was asked"),
        (books([IN], []), "it is not paid"),
        (books([IN], [PAID, DELETED], tombstones=[1]), "and it is paid"),
        (books([], [DELETED]), "without a tombstone"),
        (
            books([IN, msgspec.structs.replace(OUT, cents=1)], [PAID, REVERSED, DELETED], tombstones=[1]),
            "money of a deleted file",
        ),
        (
            books([], [DELETED], tombstones=[1], signatures=[msgspec.structs.replace(MARK, opened="d")]),
            "still there",
        ),
    ],
    ids=str,
)
def test_each_fault_has_its_sentence(found: Books, words: str) -> None:
    assert [words in one.sentence for one in money_adds_up(found)] == [True]


def test_money_that_a_person_decides_of_is_sound() -> None:
    """What came twice, and what went back after the decision; nobody asked, neither is."""
    twice, decided = [IN, msgspec.structs.replace(IN, id=2)], FileEventRow(4, 1, "decided")
    assert money_adds_up(books(twice, [PAID], money_cases=[MoneyCaseRow(1, 75_000, "too_much")])) == []
    back = books([IN, OUT], [PAID, decided], money_cases=[MoneyCaseRow(1, 75_000, "reversed")])
    assert money_adds_up(back) == []
    assert len(money_adds_up(msgspec.structs.replace(back, money_cases=[]))) == 1


def test_a_fee_that_went_back_after_an_annulment_is_sound() -> None:
    void = msgspec.structs.replace(MADE, status="annulled")
    assert money_adds_up(books([IN, OUT], [PAID], submissions=[void])) == []


def test_a_deleted_file_is_sound_once_its_answers_are_gone() -> None:
    assert money_adds_up(books([], [DELETED], tombstones=[1], signatures=[MARK])) == []
