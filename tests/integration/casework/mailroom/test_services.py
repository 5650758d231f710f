"""What the mailroom works with."""

from casework.mailroom.services import mailroom_services
from tests.support.casework.mail import PAYMENTS
from tests.support.rooms import KEYS


def test_people_are_read_as_payments_read_them() -> None:
    """One set of keys opens both, and programmes have the names of their files."""
    made = mailroom_services(KEYS, PAYMENTS)
    assert made.personal is PAYMENTS.personal
    assert made.programmes["demo"] == PAYMENTS.programmes["demo"].name
