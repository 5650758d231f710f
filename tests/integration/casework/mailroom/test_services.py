"""What the mailroom works with."""

from casework.mailroom.services import mailroom_services
from tests.support.desks import REPRESENTATIVES
from tests.support.rooms import KEYS


def test_people_are_read_as_representatives_read_them() -> None:
    """One set of keys opens both."""
    made = mailroom_services(KEYS, REPRESENTATIVES, {"demo": "Essai"})
    assert made.personal is REPRESENTATIVES.personal and made.programmes["demo"] == "Essai"
