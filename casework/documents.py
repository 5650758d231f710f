"""« Consultation des documents »: what is filed in an account (DM-01, QU-07).

A document belongs to an account and is about a subject, such as a submission. It is written once, by a task, in the
transaction that marks the task as done, and never changed afterwards: its blocks say everything that its page shows.
The table allows each serial number of a kind once a subject.
"""

import re
import secrets
from enum import StrEnum

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework import blocks, store
from casework.blocks import Block
from foundation.errors import Code, Refusal
from foundation.sql import tables
from foundation.subjects import Subject

d = store.document

_ID = re.compile(r"[A-Za-z0-9_-]{16,64}\Z")


class DocumentKind(StrEnum):
    """Kinds of documents. Once filed, a kind keeps its meaning."""

    CONFIRMATION = "confirmation"
    """« Confirmation d'admission dans le quota » (QU-07); of a submission, once."""
    ANNULMENT = "annulment"
    """« Annulation de la période de réception »; of a submission, once."""
    EXEMPT_CONFIRMATION = "exempt_confirmation"
    """« Confirmation de réception, hors période »; of a submission of an exempt stream, once."""
    EXEMPT_DECISION = "exempt_decision"
    """« Décision sur votre accès à un volet »; of a claim, one a decision."""
    REVIEW_NOTICE = "review_notice"
    """What was decided or asked in a review of the account (DU-01, DU-02)."""
    MISSED_NOTICE = "missed_notice"
    """« Essais de connexion à votre compte »: of an account, at most one a day."""


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A document in the list. `created_at` is an instant."""

    id: str
    kind: str
    title: str
    created_at: int

    @property
    def href(self) -> str:
        return f"/documents/{self.id}"


class OpenedDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A document to show, with what it says."""

    document: Document
    blocks: list[Block]


_LISTED = (d.c.id, d.c.kind, d.c.title, d.c.created_at)


async def file(
    conn: AsyncConnection,
    account: int,
    subject: Subject,
    kind: DocumentKind,
    title: str,
    content: list[Block],
    now: int,
    serial: int = 1,
) -> str:
    """File a document in an account; its id, which is random. Raises IntegrityError for a serial that is there."""
    document = secrets.token_urlsafe(16)
    values = {
        "id": document,
        "account": account,
        "subject_kind": subject.kind,
        "subject_id": subject.id,
        "kind": kind,
        "serial": serial,
        "title": title,
        "blocks": blocks.written(content),
        "created_at": now,
    }
    await conn.execute(sa.insert(d).values(values))
    return document


async def next_serial(conn: AsyncConnection, subject: Subject, kind: DocumentKind) -> int:
    """The serial number of the next document of this kind about a subject."""
    about = (d.c.subject_kind == subject.kind, d.c.subject_id == subject.id, d.c.kind == kind)
    newest = await conn.execute(sa.select(sa.func.coalesce(sa.func.max(d.c.serial), 0)).where(*about))
    return int(newest.scalar_one()) + 1


async def of_account(conn: AsyncConnection, account: int) -> list[Document]:
    """All documents of an account, the latest first."""
    rows = await conn.execute(
        sa.select(*_LISTED).where(d.c.account == account).order_by(d.c.created_at.desc(), d.c.id)
    )
    return [msgspec.convert(tables.plain_row(row), Document) for row in rows]


async def of_subject(conn: AsyncConnection, subject: Subject) -> list[Document]:
    """The documents about one subject, in the order in which they were filed."""
    about = (d.c.subject_kind == subject.kind, d.c.subject_id == subject.id)
    rows = await conn.execute(sa.select(*_LISTED).where(*about).order_by(d.c.created_at, d.c.id))
    return [msgspec.convert(tables.plain_row(row), Document) for row in rows]


async def find(conn: AsyncConnection, document_id: str, account: int) -> OpenedDocument:
    """One document, if it is this account's. Refusal not_found, the same for all others."""
    if not _ID.match(document_id):
        raise Refusal(Code.NOT_FOUND)
    row = (
        await conn.execute(
            sa.select(*_LISTED, d.c.blocks).where(d.c.id == document_id, d.c.account == account)
        )
    ).one_or_none()
    if row is None:
        raise Refusal(Code.NOT_FOUND)
    document = Document(id=row.id, kind=row.kind, title=row.title, created_at=row.created_at)
    return OpenedDocument(document=document, blocks=blocks.read(row.blocks))
