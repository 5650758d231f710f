"""What the functions of deadlines work with."""

from config.wiring.deadlines import SOURCES, deadline_services
from tests.support.rooms import KEYS


def test_every_source_is_in_the_services_of_the_installation() -> None:
    """What a feature adds to the list moves with a proclaimed day."""
    services = deadline_services({}, KEYS, "http://guichet.test/")
    assert [one.find for one in services.sources] == [one.find for one in SOURCES]
    assert services.mailbox.public_url == "http://guichet.test"
