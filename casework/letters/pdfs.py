"""The PDF of a filed document, for its account; made now for a document that an earlier release filed."""

from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework import documents
from casework.documents import Document, OpenedDocument
from casework.letters import rendering, sealing
from casework.letters import store as letters_store
from casework.store import document as documents_table
from foundation.sql.database import Database
from foundation.sql.tables import insert_for
from foundation.subjects import Subject

f, o = letters_store.document_file, letters_store.document_opening


class DocumentPdf(msgspec.Struct, frozen=True, kw_only=True):
    """A document and the bytes of its PDF."""

    document: Document
    content: bytes

    @property
    def file_name(self) -> str:
        """What it is called when it is saved: nothing of it says whose it is."""
        return f"document-{self.document.number or 0:03}-{self.document.kind.replace('_', '-')}.pdf"


async def find(db: Database, document_id: str, account: int) -> DocumentPdf:
    """The PDF of a document, if it is this account's. Refusal not_found, the same for all others."""
    found = await db.read(lambda conn: _read(conn, document_id, account))
    if found is None:
        await db.write(lambda conn: make(conn, document_id, account))
        found = await db.read(lambda conn: _read(conn, document_id, account))
    assert found is not None
    return found


async def _read(conn: AsyncConnection, document_id: str, account: int) -> DocumentPdf | None:
    opened = await documents.find(conn, document_id, account)
    row = (await conn.execute(sa.select(f.c.key, f.c.pdf).where(f.c.document == document_id))).one_or_none()
    content = None if row is None else sealing.opened(row.key, row.pdf, document_id, "pdf")
    return None if content is None else DocumentPdf(document=opened.document, content=content)


async def make(conn: AsyncConnection, document_id: str, account: int) -> None:
    """Give a document of an earlier release its PDF, of the blocks that were filed then. Once: nothing happens where
    there is one. Refusal not_found; raises LetterFailure."""
    opened = await documents.find(conn, document_id, account)
    if opened.document.number is None:
        await documents.number_all(conn, account)
    d = documents_table.c
    about = (await conn.execute(sa.select(d.subject_kind, d.subject_id).where(d.id == document_id))).one()
    pdf = _pdf_of(opened, Subject(about.subject_kind, about.subject_id))
    values: dict[str, Any] = {"key": sealing.cipher().newest, **documents.pdf_values(document_id, pdf)}
    await conn.execute(sa.update(f).where(f.c.document == document_id, f.c.pdf.is_(None)).values(values))


def _pdf_of(opened: OpenedDocument, subject: Subject) -> bytes:
    one = opened.document
    footer = documents.footer_of(subject, one.title, opened.blocks)
    return rendering.pdf_of(opened.blocks, one.title, footer, one.created_at)


async def open_first(conn: AsyncConnection, document_id: str, account: int, now: int) -> None:
    """Write down when its owner first opened a document; later openings change nothing."""
    row = insert_for(conn, o).values(document=document_id, account=account, at=now)
    await conn.execute(row.on_conflict_do_nothing(index_elements=[o.c.document]))
