"""Documents of a release before encryption: sealed in batches, and read as before at any time."""

import sqlalchemy as sa

from casework import documents
from casework.blocks import written
from casework.letters import pdfs, plain_documents, sealing
from casework.letters.store import document_file as f
from casework.store import document as d
from foundation.encryption.rotation import Key
from foundation.sql.database import Database
from tests.integration.casework.letters.test_sealing import OTHER, filed
from tests.support.casework.letters import NAME, letter
from tests.support.rooms import KEYS


async def left_plain(db: Database) -> tuple[int, list[str]]:
    """Two documents as an earlier release left them: their blocks plain, no PDF; of the second not even a number."""
    account, ids = await filed(db)
    await db.write(lambda conn: conn.execute(sa.update(d).values(blocks=written(letter()))))
    await db.write(lambda conn: conn.execute(sa.update(f).values(key=None, blocks=None, pdf=None, size=None)))
    await db.write(lambda conn: conn.execute(sa.delete(f).where(f.c.document == ids[1])))
    return account, ids


async def plain(db: Database) -> int:
    """How many texts in SQL have the addressee's name."""
    texts = (await db.read(lambda conn: conn.execute(sa.select(d.c.blocks)))).scalars()
    sealed = (await db.read(lambda conn: conn.execute(sa.select(f.c.blocks)))).scalars()
    return sum(NAME in text for text in texts) + sum(NAME.encode() in bytes(one or b"") for one in sealed)


async def run(db: Database, keys: tuple[str, ...], most: int = 10) -> int:
    """So many batches, of one document each; how many were sealed."""
    rotation, last, done = plain_documents.rotation(keys, at_once=1), None, 0
    for _ in range(most):
        at: Key | None = last
        batch = await db.write(lambda conn, at=at: rotation.batch(conn, at))  # type: ignore[misc]
        if batch is None:
            break
        last, done = batch.last, done + batch.written
    return done


async def test_what_was_left_plain_is_sealed_in_steps(database: Database) -> None:
    """Stopped after the first and begun again; each reads as before, its PDF is made when it is asked for."""
    account, ids = await left_plain(database)
    assert await plain(database) == 2, "twin: without the command they stay as they are"
    assert [await run(database, tuple(KEYS), most=1), await plain(database)] == [1, 1]
    for id in ids:
        assert (await database.read(lambda conn, id=id: documents.find(conn, id, account))).blocks == letter()  # type: ignore[misc]
    assert [await run(database, tuple(KEYS)), await plain(database), await run(database, tuple(KEYS))] == [
        1,
        0,
        0,
    ]
    for id in ids:
        assert (await pdfs.find(database, id, account)).content.startswith(b"%PDF")
    assert await database.read(plain_documents.rotation(KEYS).total) == 0


async def test_a_pdf_that_was_made_meanwhile_stays_readable(database: Database) -> None:
    """It lies under the same key as the blocks: an older one is changed with them, one that is lost is counted."""
    account, ids = await left_plain(database)
    before = (await pdfs.find(database, ids[0], account)).content
    other = plain_documents.rotation((OTHER,))
    batch = await database.write(lambda conn: other.batch(conn, None))
    assert batch is not None and (batch.looked, batch.written, batch.unreadable) == (2, 1, 1)
    assert await run(database, (OTHER, *KEYS)) == 1
    sealing.prepare((OTHER,))
    try:
        assert (await pdfs.find(database, ids[0], account)).content == before
    finally:
        sealing.prepare(KEYS)
