"""What is on file about an account."""

from accounts.own_account import profile
from foundation.sql.database import Database
from tests.support.candidates.own_accounts import own_account
from tests.support.candidates.refusals import code_of
from tests.support.desks import PERSONAL, make_account, make_desk


async def test_an_account_of_its_own_is_read_whole(on_sqlite: Database) -> None:
    """Every column that was encrypted is opened."""
    async with own_account(on_sqlite):
        found = await on_sqlite.read(lambda conn: profile.find(conn, PERSONAL, 1))
    assert (found.email, found.is_unconfirmed, found.programme) == ("eve@exemple.invalid", False, "demo")
    assert found.address is not None and found.address.lines == ["1, rue de l’Essai", "69001 Lyon"]
    assert found.identity.passport == "ES0000001" and len(found.questions) == 3


async def test_an_imported_account_has_neither_address_nor_mail(on_sqlite: Database) -> None:
    """And one that is not there is not found."""
    desk = make_desk(on_sqlite)
    account = await make_account(desk)
    found = await on_sqlite.read(lambda conn: profile.find(conn, PERSONAL, account))
    assert (found.email, found.address, found.rehearsed_at, found.programme) == ("", None, None, None)
    assert await code_of(on_sqlite.read(lambda conn: profile.find(conn, PERSONAL, 99))) == "not_found"
    desk.accounts.hasher.close()
