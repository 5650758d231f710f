"""What the API says of a file: every state of a payment has its word, and a list its days."""

from datetime import date

from casework.file_page.facts import PAYMENT_WORDS, list_shown
from casework.payments.states import PaymentState
from tests.unit.casework.checklists.test_items import item, listed


def test_every_state_of_a_payment_has_its_word() -> None:
    assert set(PAYMENT_WORDS) == set(PaymentState)


def test_a_list_is_shown_with_the_day_of_each_document() -> None:
    shown = list_shown(listed(item()))
    assert shown["due_on"] == date(2016, 9, 12)
    (one,) = shown["items"]
    assert (one["number"], one["state"], one["received_on"]) == (1, "asked", None)
