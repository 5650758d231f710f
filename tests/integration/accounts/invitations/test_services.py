"""The services of invitations."""

from foundation.sql.database import Database
from tests.integration.accounts.invitations.test_inviting import services_on


async def test_codes_of_links_have_an_index_of_their_own(database: Database) -> None:
    """A code of registration leads to no invitation."""
    services = services_on(database)
    assert services.codes.stored("X") != services.registration.codes.stored("X")
