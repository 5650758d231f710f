"""What was signed is sealed by the newest key, and stays what was signed."""

import pytest
import sqlalchemy as sa

from foundation.encryption.fields import FieldCipher
from foundation.sql.database import Database
from submission import store
from submission.signing import frozen, rotation, signatures
from tests.support.rooms import KEYS
from tests.support.tasks import submitted

NEW = "a newer key, long enough for us"


async def rotated(db: Database, seals: FieldCipher) -> int:
    """How many signatures were sealed anew, in batches of two."""
    last, written = "", 0

    async def batch(after: str) -> tuple[str, int] | None:
        return await db.write(lambda conn: rotation.seal_some(conn, seals, after, 2))

    while (done := await batch(last)) is not None:
        last, written = done[0], written + done[1]
    return written


async def test_every_signature_is_sealed_anew_once(database: Database) -> None:
    """Afterwards the newest key alone opens them, and each digest is the one that was signed."""
    await submitted(database, 3)
    assert await rotated(database, frozen.cipher((NEW, *KEYS))) == 3
    assert await rotated(database, frozen.cipher((NEW, *KEYS))) == 0
    receipts = (
        (await database.read(lambda conn: conn.execute(sa.select(store.signature.c.receipt)))).scalars().all()
    )
    for receipt in receipts:
        found = await database.read(
            lambda conn, one=receipt: signatures.find(conn, one, "demo", frozen.cipher((NEW,)))  # type: ignore[misc]
        )
        assert found.signature is not None
        assert found.signature.content_digest == frozen.digest(frozen.canonical(found.answers))


async def test_a_key_that_went_too_early_is_said(database: Database) -> None:
    """Nothing is written over what cannot be read."""
    await submitted(database)
    with pytest.raises(rotation.UnreadableSignature):
        await rotated(database, frozen.cipher((NEW,)))
