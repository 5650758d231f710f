"""The candidate of an account: who declares, and where mail goes."""

from accounts.representatives.declaration import declaring, parties
from foundation.clock import now_ms
from tests.integration.accounts.representatives.conftest import Represented
from tests.support.candidates.representing import declared
from tests.support.desks import PERSONAL, REPRESENTATIVES, make_account


async def test_the_candidate_is_read_from_the_account(here: Represented) -> None:
    """With the address of the account, or without one."""
    found = await here.db.read(lambda conn: parties.candidate_of(conn, REPRESENTATIVES, here.account))
    assert found.email == "anne@exemple.ca"
    assert found.identity.full_name
    other = await make_account(here.desk, 2)
    assert await here.db.read(lambda conn: parties.address_of(conn, REPRESENTATIVES, other)) is None


async def test_a_candidate_does_not_take_the_representatives_address(here: Represented) -> None:
    """In whichever spelling, as long as that one is on file; another account may."""
    await declared(here.db, here.account)
    is_theirs = parties.is_representatives

    async def asked(account: int, email: str) -> bool:
        return await here.db.read(lambda conn: is_theirs(conn, PERSONAL, account, email))

    other = await make_account(here.desk, 2)
    assert await asked(here.account, "LUC@cabinet.example")
    assert not await asked(here.account, "anne@exemple.ca")
    assert not await asked(other, "luc@cabinet.example")
    await here.db.write(lambda conn: declaring.revoke(conn, REPRESENTATIVES, here.account, now_ms()))
    assert not await asked(here.account, "luc@cabinet.example")
