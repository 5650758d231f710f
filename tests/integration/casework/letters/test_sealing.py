"""Documents at rest: encrypted, bound to their row, and written anew by the newest key."""

import pytest
import sqlalchemy as sa

from casework import documents
from casework.letters import pdfs, sealing
from casework.letters.store import document_file as f
from foundation.sql.database import Database
from foundation.subjects import Subject
from tests.support.casework.letters import NAME, TITLE, letter
from tests.support.desks import make_account, make_desk
from tests.support.rooms import KEYS

OTHER = "another key, for documents that are written anew"


async def filed(database: Database) -> tuple[int, list[str]]:
    """An account and two documents in it."""
    desk = make_desk(database)
    account = await make_account(desk)
    ids = [
        await database.write(
            lambda conn, n=n: documents.file(  # type: ignore[misc]
                conn,
                account,
                Subject("claim", "7"),
                documents.DocumentKind.EXEMPT_DECISION,
                TITLE,
                letter(),
                1,
                n,
            )
        )
        for n in (1, 2)
    ]
    desk.accounts.hasher.close()
    return account, ids


async def test_a_document_is_encrypted_and_its_keys_rotate(database: Database) -> None:
    """Neither blocks nor PDF stand plain; the new key alone opens both afterwards, and what was moved opens nowhere."""
    account, (first, second) = await filed(database)
    before = await pdfs.find(database, first, account)
    rows = (await database.read(lambda conn: conn.execute(sa.select(f)))).all()
    assert all(NAME.encode() not in bytes(row.blocks) and b"%PDF" not in bytes(row.pdf) for row in rows)
    rotation = sealing.rotation((OTHER, *KEYS))
    batch = await database.write(lambda conn: rotation.batch(conn, None))
    assert batch is not None and (batch.written, batch.unreadable) == (2, 0)
    sealing.prepare((OTHER,))
    try:
        assert (await pdfs.find(database, first, account)).content == before.content
        assert (await database.read(lambda conn: documents.find(conn, first, account))).blocks == letter()
        moved = sa.select(f.c.pdf).where(f.c.document == second).scalar_subquery()
        await database.write(
            lambda conn: conn.execute(sa.update(f).where(f.c.document == first).values(pdf=moved))
        )
        with pytest.raises(sealing.UnreadableDocument):
            await pdfs.find(database, first, account)
    finally:
        sealing.prepare(KEYS)
