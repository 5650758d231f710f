"""The PDF of a document: its account's alone, and the first opening is what counts."""

import pytest
import sqlalchemy as sa

from casework.letters import pdfs
from casework.letters.store import document_opening
from foundation.errors import Refusal
from foundation.sql.database import Database
from tests.integration.casework.letters.test_sealing import filed


async def test_a_pdf_is_its_accounts_alone_and_opened_once(database: Database) -> None:
    """Not found for anybody else; a second opening does not move the first."""
    account, (first, _) = await filed(database)
    found = await pdfs.find(database, first, account)
    assert found.content.startswith(b"%PDF-1.7") and found.document.size == len(found.content)
    assert found.file_name == "document-001-exempt-decision.pdf"
    for id, owner in ((first, account + 1), ("x" * 22, account), ("../etc", account)):
        with pytest.raises(Refusal, match="not_found"):
            await pdfs.find(database, id, owner)
    for now in (5, 9):
        await database.write(lambda conn, now=now: pdfs.open_first(conn, first, account, now))  # type: ignore[misc]
    rows = (await database.read(lambda conn: conn.execute(sa.select(document_opening)))).all()
    assert [tuple(row) for row in rows] == [(first, account, 5)]
