"""What became of a submission: its receipt, rank, status and documents, for its own account alone."""

from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.personal_data.fields import PersonalFields
from accounts.store import account
from casework import documents
from casework.documents import Document
from casework.files.numbers import file_number
from foundation.errors import Code, Refusal
from foundation.sql import tables
from foundation.subjects import Subject
from quota.store import period
from submission import store
from submission.exempt.store import exempt_claim
from submission.receipt_numbers import typed_receipt
from submission.states import Capacity, SubmissionStatus


class StatusChange(msgspec.Struct, frozen=True):
    """A status and since when (instant)."""

    status: SubmissionStatus
    at: int


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """A submission as its owner sees it: `name` is the person's, `username` the account's. Instants in milliseconds."""

    id: int
    name: str
    username: str
    receipt: str
    period_id: str | None
    programme: str
    rank: int
    number: int | None
    submitted_at: int
    pay_by: int
    capacity: Capacity
    status: SubmissionStatus
    history: list[StatusChange]
    documents: list[Document]
    annulled_at: int | None = None
    annul_reason: str | None = None
    rules: str | None = None
    """The rules that were frozen when its period was announced: `quota/frozen_rules.py`."""
    stream: str | None = None
    """The exempt stream of one that is outside the quota, without period and number (ADR 0029)."""
    removed_for: str | None = None
    """Why it was removed, as the newest decision on its claim says."""

    @property
    def file_number(self) -> str:
        """The number of its file, by which the file's page is found."""
        return file_number(self.id)


async def find(conn: AsyncConnection, personal: PersonalFields, receipt: str, owner: int) -> Submission:
    """The submission with this receipt, if it is this account's. Refusal not_found, the same for all others."""
    number = typed_receipt(receipt)
    if number is None:
        raise Refusal(Code.NOT_FOUND)
    return await _one(
        conn,
        personal,
        store.submission.c.receipt == number,
        store.submission.c.account == owner,
    )


async def of_account(conn: AsyncConnection, personal: PersonalFields, owner: int) -> list[Submission]:
    """All submissions of an account, the latest first."""
    s = store.submission
    rows = await conn.execute(
        sa.select(s.c.receipt).where(s.c.account == owner).order_by(s.c.submitted_at.desc(), s.c.id.desc())
    )
    return [await find(conn, personal, receipt, owner) for receipt in rows.scalars().all()]


async def _one(conn: AsyncConnection, personal: PersonalFields, *where: sa.ColumnElement[bool]) -> Submission:
    s, c = store.submission, store.status_change
    columns = [getattr(s.c, name) for name in ("id", "receipt", "rank", "number", "submitted_at", "pay_by")]
    programme = sa.func.coalesce(period.c.programme, s.c.ledger).label("programme")
    columns += [s.c.capacity, s.c.status, period.c.id.label("period_id"), programme, s.c.stream]
    columns += [exempt_claim.c.reason.label("removed_for")]
    columns += [period.c.annulled_at, period.c.annul_reason, period.c.rules]
    columns += [account.c.username, account.c.identity]
    found = (
        sa.select(*columns)
        .outerjoin(period, period.c.uid == s.c.period)
        .outerjoin(exempt_claim, exempt_claim.c.receipt == s.c.receipt)
        .join(account, account.c.id == s.c.account)
    )
    row = (await conn.execute(found.where(*where))).one_or_none()
    if row is None:
        raise Refusal(Code.NOT_FOUND)
    values: dict[str, Any] = tables.plain_row(row)
    changes = await conn.execute(
        sa.select(c.c.status, c.c.at).where(c.c.submission == row.id).order_by(c.c.id)
    )
    values["name"] = personal.identity(row.username, row.identity).full_name
    values["history"] = [StatusChange(SubmissionStatus(change.status), change.at) for change in changes]
    values["documents"] = await documents.of_subject(conn, Subject.row(store.SUBMISSION, row.id))
    return msgspec.convert(values, Submission)
