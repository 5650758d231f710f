"""« Tout télécharger »: every document once, readable by any program, with an index that has their digests."""

import hashlib
import io
import zipfile

import pytest

from casework.letters import archive
from foundation.sql.database import Database
from tests.integration.casework.letters.test_sealing import filed


async def test_an_archive_holds_every_document_and_an_index(database: Database) -> None:
    """In the order of their numbers; what is sent piece by piece is one whole archive."""
    account, ids = await filed(database)
    held = await archive.listed(database, account)
    assert [one.id for one in held] == ids
    pieces = [piece async for piece in archive.archive(database, account, held)]
    assert len(pieces) == len(ids) + 1
    with zipfile.ZipFile(io.BytesIO(b"".join(pieces))) as whole:
        assert whole.testzip() is None
        names = whole.namelist()
        assert names == ["document-001-exempt-decision.pdf", "document-002-exempt-decision.pdf", "index.csv"]
        index = whole.read("index.csv").decode("utf-8-sig")
        for name, one in zip(names, held, strict=False):
            digest = hashlib.sha256(whole.read(name)).hexdigest()
            assert digest == one.digest and f"{name};{digest}" in index


async def test_an_account_without_documents_has_an_empty_archive(database: Database) -> None:
    """With an index of nothing; and nobody else's documents are in it."""
    account, _ = await filed(database)
    other = account + 1
    assert await archive.listed(database, other) == []
    whole = b"".join([piece async for piece in archive.archive(database, other, [])])
    assert zipfile.ZipFile(io.BytesIO(whole)).namelist() == ["index.csv"]


def test_an_archive_is_written_forwards_only() -> None:
    """Nothing of it is kept once it was taken."""
    outlet = archive.Outlet()
    outlet.write(b"abc")
    assert (outlet.taken(), outlet.taken()) == (b"abc", b"")
    with pytest.raises(io.UnsupportedOperation):
        outlet.seek(0)
