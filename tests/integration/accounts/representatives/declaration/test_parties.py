"""The candidate of an account: who declares, and where mail goes."""

from accounts.representatives.declaration import parties
from tests.integration.accounts.representatives.conftest import Represented
from tests.support.desks import REPRESENTATIVES, make_account


async def test_the_candidate_is_read_from_the_account(here: Represented) -> None:
    """With the address of the account, or without one."""
    found = await here.db.read(lambda conn: parties.candidate_of(conn, REPRESENTATIVES, here.account))
    assert found.email == "anne@exemple.ca"
    assert found.identity.full_name
    other = await make_account(here.desk, 2)
    assert await here.db.read(lambda conn: parties.address_of(conn, REPRESENTATIVES, other)) is None
