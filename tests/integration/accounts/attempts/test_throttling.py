"""Budgets on real stores."""

from foundation.sql.database import Database
from tests.support.desks import credentials, make_account, make_desk, visit


async def test_right_tries_cost_an_address_nothing(database: Database) -> None:
    """A lecture hall signs in without a mistake: the address has as many wrong tries left as before."""
    desk = make_desk(database)
    await make_account(desk)
    for _ in range(20):
        await desk.sign_in(visit(), credentials())
    left = desk.accounts.budgets._addresses._buckets["192.0.2.1"].left
    assert left == 300
    desk.accounts.hasher.close()
