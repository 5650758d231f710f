"""Accounts as values."""

from accounts import candidates
from foundation.sql.database import Database
from tests.support.desks import PERSONAL, make_account, make_desk


async def test_an_account_is_read_whole_by_its_user_name(database: Database) -> None:
    """With its questions, its identity and its accommodation; a name that does not exist is None."""
    desk = make_desk(database)
    number = await make_account(desk, accommodation=1.5)
    found = await database.read(lambda conn: candidates.by_username(conn, PERSONAL, "essai-00001"))
    assert found is not None
    assert (found.id, found.questions[0], found.accommodation) == (number, "Arbre ?", 1.5)
    assert found.identity.passport == "ES0000001"
    again = await database.read(lambda conn: candidates.by_username(conn, PERSONAL, " Essai\N{EN DASH}00001"))
    assert again == found
    assert await database.read(lambda conn: candidates.by_username(conn, PERSONAL, "essai-00002")) is None
    desk.accounts.hasher.close()


async def test_two_names_that_would_be_one_keep_their_accounts(database: Database) -> None:
    """An earlier release let both be made: each is found as it was typed then, and any other spelling is today's."""
    desk = make_desk(database)
    accented = await make_account(desk, 1, username="rené")
    plain = await make_account(desk, 2, username="rene")
    found = {}
    for typed in ("René", "rene\u0301", "RENE", "re\N{ZERO WIDTH SPACE}ne", "rèné"):
        account = await database.read(lambda conn, typed=typed: candidates.by_username(conn, PERSONAL, typed))  # type: ignore[misc]
        assert account is not None
        found[typed] = account.id
    assert list(found.values()) == [accented, accented, plain, plain, plain]
    desk.accounts.hasher.close()
