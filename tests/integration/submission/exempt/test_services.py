"""The services of the exempt streams."""

from foundation.sql.database import Database
from submission.exempt.services import exempt_services
from tests.support.desks import make_desk
from tests.support.rooms import KEYS


async def test_older_keys_open_what_they_sealed(database: Database) -> None:
    """After a rotation the number is still read, and still found elsewhere."""
    desk = make_desk(database)
    before, after = exempt_services(desk, KEYS), exempt_services(desk, ("k" * 40, *KEYS))
    sealed = before.seals.cipher.encrypt("VEO-1", "here")
    assert after.seals.cipher.decrypt(sealed, "here") == "VEO-1"
    assert before.seals.index.stored("VEO1") in after.seals.index.sought("VEO1")
    assert after.db is database
