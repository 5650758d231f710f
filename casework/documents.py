"""« Consultation des documents »: what is filed in an account after a submission (DM-01, QU-07).

A document is written once, by a job, in the transaction that marks the job as done; it is never changed afterwards. The
table allows one of each kind a submission.
"""

import re

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework import store
from foundation.errors import Code, Refusal
from foundation.sql import tables

d = store.document

_ID = re.compile(r"[A-Za-z0-9_-]{16,64}\Z")


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A document in the list. `created_at` is an instant."""

    id: str
    kind: str
    title: str
    created_at: int

    @property
    def href(self) -> str:
        return f"/documents/{self.id}"


class Confirmation(msgspec.Struct, frozen=True, kw_only=True):
    """What the confirmation says: number, date, time and rank (QU-07). Instants in milliseconds."""

    receipt: str
    period_id: str
    programme: str
    ordinal: int
    number: int
    rank: int
    submitted_at: int
    pay_by: int


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """A document to show, with what it says."""

    document: Document
    confirmation: Confirmation


_LISTED = (d.c.id, d.c.kind, d.c.title, d.c.created_at)


async def of_account(conn: AsyncConnection, account: int) -> list[Document]:
    """All documents of an account, the latest first."""
    rows = await conn.execute(
        sa.select(*_LISTED).where(d.c.account == account).order_by(d.c.created_at.desc(), d.c.id)
    )
    return [msgspec.convert(tables.plain_row(row), Document) for row in rows]


async def of_submission(conn: AsyncConnection, submission: int) -> list[Document]:
    """The documents of one submission, in the order in which they were filed."""
    rows = await conn.execute(
        sa.select(*_LISTED).where(d.c.submission == submission).order_by(d.c.created_at, d.c.id)
    )
    return [msgspec.convert(tables.plain_row(row), Document) for row in rows]


async def find(conn: AsyncConnection, document_id: str, account: int) -> Opened:
    """One document, if it is this account's. Refusal not_found, the same for all others."""
    if not _ID.match(document_id):
        raise Refusal(Code.NOT_FOUND)
    row = (
        await conn.execute(sa.select(*_LISTED, d.c.body).where(d.c.id == document_id, d.c.account == account))
    ).one_or_none()
    if row is None:
        raise Refusal(Code.NOT_FOUND)
    document = Document(id=row.id, kind=row.kind, title=row.title, created_at=row.created_at)
    return Opened(document=document, confirmation=msgspec.json.decode(row.body, type=Confirmation))
