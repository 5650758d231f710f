"""The letters about money: each case that needs one has its words."""

from datetime import date

import pytest

from casework.files.states import FileEventKind, FileStatus
from casework.mailbox import titles
from casework.payments import letters
from casework.payments.postal import RETURNED, FileMoney, PostalPayment, PostalVerdict, judge
from casework.payments.states import ALLOWED, Instrument, MoneyAct, MoneyReason
from casework.payments.unpaid.deletion import KINDS

DAY = date(2016, 7, 14)


def test_whatever_goes_back_has_its_letter() -> None:
    """But what belongs to no file: its letter is the mailroom's."""
    assert set(letters.RETURNED_FOR) == RETURNED - {PostalVerdict.NO_FILE}


def test_a_returned_payment_names_both_amounts_and_the_day() -> None:
    payment = PostalPayment(instrument=Instrument.BANK_DRAFT, cents=74_999, received_on=DAY)
    of = FileMoney(status=FileStatus.AWAITING_PAYMENT, fee=75_000, pay_by=DAY)
    letter = letters.returned(judge(payment, of))
    assert [value.replace("\u00a0", " ") for _, value in letter.facts] == [
        "749,99 $",
        "14 juillet 2016",
        "750,00 $",
        "14 juillet 2016",
    ]
    assert "un seul envoi" in letter.paragraphs[0]


def test_another_instrument_says_which_five_there_are() -> None:
    payment = PostalPayment(instrument=None, cents=75_000, received_on=DAY)
    of = FileMoney(status=FileStatus.AWAITING_PAYMENT, fee=75_000, pay_by=DAY)
    letter = letters.returned(judge(payment, of))
    assert "mandat postal de Postes Canada" in letter.paragraphs[1]
    assert "carte" not in letter.paragraphs[1]


def test_every_decision_on_money_has_its_letter() -> None:
    assert set(letters.DECIDED) == set(MoneyAct) - {MoneyAct.DELETE, MoneyAct.LEAVE}
    assert set(letters.HELD) == set(MoneyReason) - {MoneyReason.PARTIAL}
    assert set(ALLOWED) == set(MoneyReason)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_deletion_says_what_remains_until_when(kind: FileEventKind) -> None:
    letter = letters.deleted(kind, DAY, date(2016, 10, 20), "Parce que.")
    assert "jusqu’au 20 octobre 2016" in letter.paragraphs[1]
    assert ("Motif", "Parce que.") in letter.facts


@pytest.mark.parametrize(
    "title",
    [letters.RETURNED_TITLE, letters.DECIDED_TITLE, letters.HELD_TITLE, letters.DELETED_TITLE,
     letters.TAKEN_BACK_TITLE],
)  # fmt: skip
def test_each_title_fits_a_message(title: str) -> None:
    assert titles.checked(title) == title
