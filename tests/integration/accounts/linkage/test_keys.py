"""The key of the blocking keys."""

import pytest
import sqlalchemy as sa

from accounts.linkage import keys, store
from accounts.linkage.keys import LinkageKeyLost, open_key
from foundation.sql.database import Database

OLD, NEW = "o" * 40, "n" * 40


async def opened(database: Database, *secrets: str) -> str:
    key = await database.write(lambda conn: open_key(conn, keys.cipher(secrets), 1))
    return key.secret


async def test_the_key_is_made_once_and_survives_the_rotation_of_secrets(database: Database) -> None:
    """It is stored encrypted; under the newest secret once it was used; without any of them it is lost, and said so."""
    made = await opened(database, OLD)
    assert await opened(database, NEW, OLD) == made
    assert await opened(database, NEW) == made
    stored = await database.read(lambda conn: conn.execute(sa.select(store.linkage_key.c.key)))
    assert made not in stored.scalar_one()
    with pytest.raises(LinkageKeyLost, match="SECRET_KEYS"):
        await opened(database, OLD)


async def test_a_digest_depends_on_the_key_and_shows_nothing(database: Database) -> None:
    """Another installation has other digests, and the key prints as asterisks."""
    key = await database.write(lambda conn: open_key(conn, keys.cipher([OLD]), 1))
    other = keys.LinkageKey("x")
    assert key.digest("document AB1") != other.digest("document AB1")
    assert key.digests(["b", "a", "a"]) == sorted({key.digest("a"), key.digest("b")})
    assert key.secret not in repr(key)
