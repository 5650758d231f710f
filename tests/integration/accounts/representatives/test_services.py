"""What representatives work with."""

from accounts.representatives.services import nothing_paid, representative_services
from tests.integration.accounts.representatives.conftest import Represented


async def test_until_there_are_payments_nobody_has_paid(here: Represented) -> None:
    """So each procuration is held; links have no slash too many."""
    assert not await here.db.read(lambda conn: nothing_paid(conn, here.account))
    made = representative_services(["k" * 40], "https://guichet.example/")
    assert (made.public_url, made.has_paid) == ("https://guichet.example", nothing_paid)
