"""The services of a change of address."""

from accounts.email_change.services import email_change_services
from foundation.sql.database import Database
from tests.support.desks import make_desk


async def test_tokens_are_found_under_every_key(tmp_path: object) -> None:
    """A key that is no longer the first still finds what it made."""
    accounts = make_desk(Database(f"sqlite:///{tmp_path}/none.db")).accounts
    old = email_change_services(accounts, ["one"], "http://guichet.test").tokens
    new = email_change_services(accounts, ["two", "one"], "http://guichet.test").tokens
    assert old.stored("token") in new.sought("token")
