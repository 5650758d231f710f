"""Whose deadlines there are."""

from casework.deadlines.payment import PAYMENT
from config.wiring.deadlines import SOURCES


def test_the_payment_has_a_deadline() -> None:
    assert PAYMENT in SOURCES
