"""What people are told of the fee of an amendment names one day, and says that the file stays."""

from datetime import date

from casework.payments.states import Instrument
from casework.payments.supplements import wording
from casework.payments.supplements.rows import Supplement, SupplementState
from foundation.calendar.days import end_of_day
from server.rendering.templating import day_words
from submission.fees import FeeLine, FeePerson, FixedFee

ONE = Supplement(
    id=1, submission=1, serial=2, asked_at=0, pay_by=end_of_day(date(2016, 7, 14)),
    fee=FixedFee(
        since=date(2013, 1, 1), lines=(FeeLine(person=FeePerson.DEPENDANT, count=1, each=16_000),)
    ),
)  # fmt: skip


def test_each_names_the_amendment_and_the_day() -> None:
    said = (wording.asked(ONE, 16_000), wording.reminded(ONE, 16_000, 3), wording.lapsed(ONE))
    for one in said:
        assert "modification 2" in one[0] and "14\u00a0juillet\u00a02016" in one[0].replace(" ", "\u00a0")
    assert "160,00" in said[0][0] and "dans 3 jours" in said[1][0]
    assert wording.UNTOUCHED in said[0][2] and wording.UNTOUCHED in said[2]


def test_money_that_went_back_can_be_paid_again_or_not() -> None:
    again, not_again = wording.undone(ONE, date(2016, 7, 14)), wording.undone(ONE, None)
    assert "de nouveau jusqu’au" in again[0] and "n’a plus d’effet" in not_again[0]


def test_the_confirmation_says_what_was_paid_and_how() -> None:
    letter = wording.confirmed(ONE, date(2016, 7, 1), Instrument.POSTAL_ORDER)
    assert "modification 2" in letter.paragraphs[0]
    assert [value for _, value in letter.facts][2] == "Mandat postal de Postes Canada"


def test_what_comes_back_names_its_last_day_as_past() -> None:
    """In the sentence that says why it comes back; not as a fact of its own, which would read as one still to come."""
    letter = wording.restored(ONE)
    last = day_words(ONE.last_day).replace(" ", "\N{NO-BREAK SPACE}")
    assert f"au plus tard le {last}, dernier jour pour payer." in letter.paragraphs[0]
    assert [label for label, _ in letter.facts] == ["Montant des frais"]


def test_every_state_has_its_words() -> None:
    assert set(wording.STATES) == set(SupplementState)
