"""Rotations of keys for tests: one table written anew, as `guichet keys rotate` does it."""

from foundation.encryption.rotation import Key, Rotation
from foundation.sql.database import Database
from tests.support.rooms import KEYS

NEW = "a newer key, long enough for us"

BOTH = (NEW, *KEYS)
"""The newer key writes, and all of them read."""


async def rotated(db: Database, rotation: Rotation) -> int:
    """How many rows were written anew; none may be unreadable."""
    last: Key | None = None
    written = 0
    while (
        batch := await db.write(lambda conn, after=last: rotation.batch(conn, after))  # type: ignore[misc]
    ) is not None:
        assert batch.unreadable == 0
        last, written = batch.last, written + batch.written
    return written
