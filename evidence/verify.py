"""`guichet verify --period ID`: reads the books of a period and the audit, and says of each promise whether it holds.

`DATABASE_URL` is all it needs; it only reads, in one look, also while the service runs. With the line beside it SQL is
held against what the line remembers, which shows a copy that was restored. The counting itself is in `recount.py`.
Fails closed: books that cannot be read are an error, never a promise kept.
"""

from collections.abc import Container, Mapping, Sequence
from typing import Any, TextIO

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import store as accounts_store
from accounts.acts import AccountAct
from casework import store as casework_store
from casework.documents import DocumentKind
from evidence import verify_audit, verify_powers
from evidence.books import (
    UNOPENED,
    Books,
    BrokenPromise,
    CallRow,
    DocumentRow,
    JournalRow,
    LineBooks,
    OutsideRow,
    SignatureRow,
    SubmissionRow,
    TaskRow,
    TokenRow,
)
from evidence.money import recount_released, recount_supplements
from evidence.money.reading import outside_files, periods_of, values_of, with_files
from evidence.money.recount_money import counted
from evidence.promises import RECOUNTED, SENTENCES
from evidence.recount import alike_persons, late_tasks, moved_ends, recount
from evidence.recount_signatures import unopened
from evidence.recount_stores import calls_lost
from foundation import audit, outbox
from foundation.clock import now_ms
from foundation.errors import Unavailable
from foundation.sql import tables
from foundation.sql.database import Database
from quota import ledger
from quota import store as quota_store
from quota.states import PeriodState
from submission import duplicates
from submission import store as submission_store
from submission.exempt.store import exempt_claim, exempt_ledger
from submission.follow_up import ANNULMENT, FollowUp
from submission.signing import frozen
from submission.states import TraceKind
from waitingroom.line import restorations
from waitingroom.line.journal import journal
from waitingroom.line.snapshot import members
from waitingroom.line.store import Line

MAKES: dict[str, str] = {FollowUp.CONFIRMATION: DocumentKind.CONFIRMATION, FollowUp.DUPLICATE_SCAN: ""}
"""What follows each submission, and the kind of document that it makes ("" for none)."""

MAKES_ANNULLED = MAKES | {ANNULMENT: DocumentKind.ANNULMENT}
"""The same in a period that was annulled: each person is told."""


TRACES = {TraceKind.PASSPORT: "passport", TraceKind.NAME_AND_BIRTH: "name and date of birth"}
"""What two submissions may have in common, in words."""


async def verify(
    database_url: str,
    period_id: str,
    *,
    line: Line | None = None,
    late_is_broken: bool = True,
    secret_keys: Sequence[str] = (),
    out: TextIO | None = None,
) -> int:
    """Print what holds and what does not; 0 when every promise holds, 1 when one is broken.

    With the keys, sealed answers are opened and held against what was signed.

    A `line` that does not answer is said, and proves nothing either way. `late_is_broken`: whether a task that waits
    for more than a minute breaks P3 or is only said. Raises Refusal not_found for an unknown period, and Unavailable
    when SQL does not answer.
    """
    database = Database(database_url)
    try:
        books, asked = await with_line(database, period_id, line, secret_keys)
        chains = await database.read(verify_audit.read_chains)
        powers = await database.read(verify_powers.read)
    finally:
        await database.close()
    late = late_tasks(books, now_ms())
    broken = recount(books) + (late if late_is_broken else [])
    said = moved_ends(books) + calls_lost(books) + unopened(books) + ([] if late_is_broken else late)
    lines = [*report(books, broken, said, alike_persons(books)), asked, *verify_audit.report(chains)]
    print("\n".join([*lines, *verify_powers.report(powers)]), file=out)
    return 1 if broken or powers.broken or verify_audit.is_broken(chains) else 0


async def with_line(
    database: Database, period_id: str, line: Line | None, secret_keys: Sequence[str] = ()
) -> tuple[Books, str]:
    """The books with what the line remembers, which is asked first; and a sentence on whether it was."""
    if line is None:
        books = await read(database, period_id, secret_keys)
        return books, "the line was not asked: give REDIS_URL to hold SQL against it"
    try:
        uid = (await database.read(lambda conn: ledger.period_by_id(conn, period_id))).uid
        known = await line.recollect(uid)
    except Unavailable:
        books = await read(database, period_id, secret_keys)
        return books, "the line was not asked: Redis does not answer"
    books = await read(database, period_id, secret_keys)
    rows = {token.number for token in books.tokens}
    missing = [number for number in members(known.gone) if number not in rows]
    remembered = LineBooks(known=known, gone_without_row=missing if known.epoch >= books.period.epoch else [])
    return msgspec.structs.replace(books, line=remembered), f"the line was asked: epoch {known.epoch}"


def report(
    books: Books,
    broken: Sequence[BrokenPromise],
    said: Sequence[BrokenPromise] = (),
    remarks: Sequence[BrokenPromise] = (),
) -> list[str]:
    """A line for each promise, the rows of those that are broken, and what is remarked under one that may hold."""
    period = books.period
    lines = [
        f"{period.id}: {period.state}, cap {period.cap}, held {period.held}, accepted {period.accepted}, "
        f"epoch {period.epoch}, mark {period.mark}; {len(books.entries)} journal entries, {len(books.tokens)} tokens, "
        f"{len(books.calls)} calls, {len(books.tasks)} jobs, {len(books.documents)} documents; "
        f"submitted {len(books.submissions)}, counted {counted(books)}"
    ]
    if supplements := recount_supplements.figures(books):
        lines.append(supplements)
    if released := recount_released.figures(books):
        lines.append(released)
    for promise in RECOUNTED:
        mine = [one for one in broken if one.promise == promise]
        lines.append(f"{promise} {'BROKEN' if mine else 'holds'}: {SENTENCES[promise]}")
        lines += rows([*mine, *(one for one in remarks if one.promise == promise)])
    return lines + (["to be looked at:", *rows(said)] if said else [])


def rows(findings: Sequence[BrokenPromise]) -> list[str]:
    """The lines of what was found."""
    lines = []
    for finding in findings:
        lines.append(f"   {finding.sentence}:")
        lines += [f"      {row}" for row in finding.rows]
    return lines


async def read(database: Database, period_id: str, secret_keys: Sequence[str] = ()) -> Books:
    """The books of a period, from one look at the store. Raises Refusal not_found, Unavailable."""
    books, sealed = await database.read(lambda conn: _read(conn, period_id))
    return msgspec.structs.replace(books, signatures=opened(books.signatures, sealed, secret_keys))


def opened(
    signatures: Sequence[SignatureRow], sealed: Mapping[str, str], secret_keys: Sequence[str]
) -> list[SignatureRow]:
    """The signatures with the digests of what they seal, where there are keys to open it."""
    if not secret_keys:
        return list(signatures)
    seals = frozen.cipher(secret_keys)

    def digest_of(receipt: str) -> str:
        text = frozen.open_sealed(sealed[receipt], receipt, seals)
        return UNOPENED if text is None else frozen.digest(text)

    return [msgspec.structs.replace(one, opened=digest_of(one.receipt)) for one in signatures]


def _outside(programme: str) -> sa.Select[Any]:
    """What was submitted outside the programme's quotas."""
    s, e = submission_store.submission.c, exempt_claim.c
    columns = (s.receipt, s.rank, s.account, s.status, e.state.label("claim"))
    outside = sa.select(*columns).outerjoin(exempt_claim, e.receipt == s.receipt)
    return outside.where(s.ledger == programme).order_by(s.rank, s.id)


async def _outside_ranks(conn: AsyncConnection, programme: str) -> int:
    x = exempt_ledger.c
    given = await conn.execute(sa.select(x.submitted).where(x.programme == programme))
    return int(given.scalar_one_or_none() or 0)


async def _read(conn: AsyncConnection, period_id: str) -> tuple[Books, dict[str, str]]:
    """The books, and what is sealed by receipt."""
    if conn.dialect.name == "postgresql":
        # Every statement below must see the same moment; on SQLite a transaction does.
        await conn.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    period = await ledger.period_by_id(conn, period_id)
    t, c, s, a = (
        quota_store.token.c,
        quota_store.call.c,
        submission_store.submission.c,
        accounts_store.account.c,
    )
    called = sa.select(quota_store.token).where(t.period == period.uid).order_by(t.id)
    accepted = sa.select(submission_store.submission).where(s.period == period.uid).order_by(s.id)
    mine = sa.select(sa.cast(s.id, sa.Text)).where(s.period == period.uid)
    bound = sa.select(t.account).where(t.period == period.uid, t.account.is_not(None))
    given = await conn.execute(sa.select(a.id, a.accommodation).where(a.id.in_(bound)))
    factors: dict[int, float] = {row.id: row.accommodation for row in given}
    likenesses = await duplicates.likenesses(conn, period.uid, duplicates.OF_THE_PERSON)
    g = submission_store.signature
    theirs = sa.select(g).join(submission_store.submission).where(s.period == period.uid)
    signed = list(await conn.execute(theirs.order_by(s.id)))
    calls = sa.select(quota_store.call).where(c.period == period.uid).order_by(c.id)
    books = Books(
        period=period,
        signatures=[msgspec.convert(tables.plain_row(row), SignatureRow) for row in signed],
        entries=await _entries(conn, period.uid),
        tokens=await values_of(conn, TokenRow, called),
        calls=await values_of(conn, CallRow, calls),
        submissions=await values_of(conn, SubmissionRow, accepted),
        outside=await values_of(conn, OutsideRow, _outside(period.programme)),
        outside_ranks=await _outside_ranks(conn, period.programme),
        tasks=await values_of(conn, TaskRow, _about(outbox.task, mine)),
        documents=await values_of(conn, DocumentRow, _about(casework_store.document, mine)),
        factors=factors,
        grants=await _grants(conn, factors),
        alike=[(TRACES[one.kind], *one.receipts) for one in likenesses],
        restorations=await restorations.of_period(conn, period.uid),
        programme=await periods_of(conn, period.programme),
        makes=MAKES_ANNULLED if period.state == PeriodState.ANNULLED else MAKES,
    )
    books = await with_files(conn, books, s.period == period.uid)
    books = msgspec.structs.replace(books, outside_files=await outside_files(conn, books))
    return books, {row.receipt: row.sealed for row in signed}


def _about(table: sa.Table, submissions: sa.Select[Any]) -> sa.Select[Any]:
    """The rows of a table that are about these submissions, each with its number as `submission`, by key."""
    number = sa.cast(table.c.subject_id, sa.BigInteger).label("submission")
    about = (table.c.subject_kind == submission_store.SUBMISSION, table.c.subject_id.in_(submissions))
    return sa.select(table, number).where(*about).order_by(*table.primary_key)


async def _grants(conn: AsyncConnection, accounts: Container[int]) -> list[tuple[int, int, float]]:
    """The accommodations that were granted to these accounts, from the audit log."""
    a = audit.audit.c
    granted = (a.act == AccountAct.GRANT, a.subject_kind == accounts_store.ACCOUNT)
    rows = await conn.execute(sa.select(a.at, a.subject_id, a.before).where(*granted).order_by(a.id))
    given = [(row.at, int(row.subject_id), msgspec.json.decode(row.before)) for row in rows]
    return [(at, account, before["accommodation"]) for at, account, before in given if account in accounts]


async def _entries(conn: AsyncConnection, uid: str) -> list[JournalRow]:
    """In the order in which the line wrote them, which as text is another one."""
    rows = await conn.execute(sa.select(journal).where(journal.c.period == uid))
    entries = []
    for row in rows:
        at, _, step = row.stream_id.partition("-")
        entries.append(JournalRow(row.epoch, int(at), int(step), row.kind, row.first, row.last))
    return sorted(entries, key=lambda entry: (entry.epoch, entry.at, entry.step))
