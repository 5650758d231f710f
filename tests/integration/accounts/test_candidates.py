"""Accounts as values."""

from accounts import candidates
from foundation.sql.database import Database
from tests.support.desks import make_account, make_desk


async def test_an_account_is_read_whole_by_its_user_name(database: Database) -> None:
    """With its questions, its identity and its accommodation; a name that does not exist is None."""
    desk = make_desk(database)
    number = await make_account(desk, accommodation=1.5)
    found = await database.read(lambda conn: candidates.by_username(conn, "essai-00001"))
    assert found is not None
    assert (found.id, found.questions[0], found.accommodation) == (number, "Arbre ?", 1.5)
    assert found.identity.passport == "ES0000001"
    assert await database.read(lambda conn: candidates.by_username(conn, "Essai-00001")) is None
    desk.accounts.hasher.close()
