"""« Consultation des documents »: what is filed in an account (DM-01, DM-02, QU-07, PY-07).

A document belongs to an account and is about a subject, such as a submission. It is written once, by a task, in the
transaction that marks the task as done, and never changed afterwards: its blocks say everything that its page shows,
its PDF was made of them and read back before anything was written, and the audit has the SHA-256 of that PDF. The
table allows each serial number of a kind once a subject, and each number once an account.
"""

import hashlib
import re
import secrets
from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework import blocks, store
from casework.blocks import Block, spoken
from casework.files.numbers import file_number
from casework.letters import rendering, sealing
from casework.letters import store as letters_store
from casework.letters.rendering import LetterFailure
from foundation import audit
from foundation.audit import SameAct
from foundation.errors import Code, Refusal
from foundation.sql import tables
from foundation.subjects import Subject
from server.rendering.counted import number
from submission.store import SUBMISSION

d, f, o = store.document, letters_store.document_file, letters_store.document_opening

DOCUMENT = "document"
"""The kind of subject that a document is, in the audit."""

FILED = "file_document"
"""The act of the audit that has a document's number and the SHA-256 of its PDF."""

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
    PAYMENT_CONFIRMATION = "payment_confirmation"
    """« Confirmation de paiement » (PY-07): of a submission, one each time that its fee is whole."""
    FILE_OPENING = "file_opening"
    """« Lettre d’ouverture de dossier » (DM-02): of a submission, once, at its payment."""
    ACTIONS_RECORD = "actions_record"
    """« Récapitulatif des actions effectuées » (DM-02): of a submission, by serials."""
    AMENDMENT = "amendment"
    """« Modification de votre demande » (PM-01); of a submission, one each amendment."""
    CHECKLIST = "checklist"
    """« Liste personnalisée de documents » (DC-01); of a submission, one each time that it went out."""
    DECISION = "decision"
    """« Décision sur votre demande »; of a submission, one each decision."""
    PAYMENT_RETURNED = "payment_returned"
    """« Paiement retourné »: of a submission, one a payment that goes back by post (PY-04, PY-05)."""
    PAYMENT_DECISION = "payment_decision"
    """« Décision sur un paiement reçu »: of a submission, one a decision."""
    FILE_DELETED = "file_deleted"
    """« Suppression de votre demande »: of a submission that was not paid, once (PY-05)."""
    REFUND_CHEQUE = "refund_cheque"
    """« Remboursement par chèque »: of a submission, one a cheque."""
    SUPPLEMENT_CONFIRMATION = "supplement_confirmation"
    """« Confirmation de paiement d’une modification » (PY-07, PM-01): of a submission, one a payment of it."""
    WITHDRAWAL = "withdrawal"
    """« Retrait de votre demande »: of a submission that its candidate took back, once."""


KINDS = {
    DocumentKind.CONFIRMATION: "Confirmation",
    DocumentKind.ANNULMENT: "Avis",
    DocumentKind.EXEMPT_CONFIRMATION: "Confirmation",
    DocumentKind.EXEMPT_DECISION: "Décision",
    DocumentKind.REVIEW_NOTICE: "Avis",
    DocumentKind.MISSED_NOTICE: "Avis",
    DocumentKind.PAYMENT_CONFIRMATION: "Confirmation",
    DocumentKind.FILE_OPENING: "Lettre",
    DocumentKind.ACTIONS_RECORD: "Récapitulatif",
    DocumentKind.AMENDMENT: "Modification",
    DocumentKind.CHECKLIST: "Liste",
    DocumentKind.DECISION: "Décision",
    DocumentKind.PAYMENT_RETURNED: "Lettre",
    DocumentKind.PAYMENT_DECISION: "Décision",
    DocumentKind.FILE_DELETED: "Décision",
    DocumentKind.REFUND_CHEQUE: "Lettre",
    DocumentKind.SUPPLEMENT_CONFIRMATION: "Confirmation",
    DocumentKind.WITHDRAWAL: "Lettre",
}
"""Kind -> what the list calls it, in a word."""


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A document in the list. `number` counts the documents of its account, in the order of filing; `size` (bytes) and
    `digest` (SHA-256) are of its PDF. All three are None for one of an earlier release that nobody has asked for yet.
    `created_at` and `opened_at`, the instant at which its owner first opened it, are instants."""

    id: str
    kind: str
    title: str
    created_at: int
    number: int | None = None
    size: int | None = None
    digest: str | None = None
    opened_at: int | None = None

    @property
    def href(self) -> str:
        return f"/documents/{self.id}"

    @property
    def kind_word(self) -> str:
        """What the list calls it; a kind of a newer release has none here."""
        return KINDS[DocumentKind(self.kind)] if self.kind in KINDS else "Document"

    @property
    def size_words(self) -> str:
        """The size of its PDF: `24 ko`."""
        return f"{number(max(1, round((self.size or 0) / 1000)))}\N{NO-BREAK SPACE}ko"


class OpenedDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A document to show, with what it says."""

    document: Document
    blocks: list[Block]


_LISTED = (
    *(d.c.id, d.c.kind, d.c.title, d.c.created_at),
    *(f.c.number, f.c.size, f.c.digest),
    o.c.at.label("opened_at"),
)

_FROM = d.outerjoin(f, f.c.document == d.c.id).outerjoin(o, o.c.document == d.c.id)


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
    """File a document in an account; its id, which is random.

    Its PDF is made first, some milliseconds without a lock of ours, and read back; then all is written at once, under
    the audit's lock, which is the last one that a transaction takes: file at its end. Raises IntegrityError for a
    serial that is there, LetterFailure for a document that cannot be written as it should be.
    """
    one = make(UnfiledDocument(account, subject, kind, title, content, now, serial))
    await file_made(conn, [one], now)
    return one.id


class UnfiledDocument(msgspec.Struct, frozen=True):
    """All that a document is made of, before it is filed at `now` (instant): two that are equal are the same PDF."""

    account: int
    subject: Subject
    kind: DocumentKind
    title: str
    content: list[Block]
    now: int
    serial: int = 1


class MadeDocument(msgspec.Struct, frozen=True):
    """A document that was made, read back and sealed, and is in no table yet. `kept` are the columns of its file."""

    id: str
    made_of: UnfiledDocument
    kept: dict[str, Any]


def make(one: UnfiledDocument) -> MadeDocument:
    """Make a document, in no transaction if it can be: it asks nothing of SQL. Raises LetterFailure."""
    footer = footer_of(one.subject, one.title, one.content)
    pdf = rendering.pdf_of(one.content, one.title, footer, one.now)
    id, cipher = secrets.token_urlsafe(16), sealing.cipher()
    said = blocks.written(one.content).encode()
    kept: dict[str, Any] = {
        "key": cipher.newest,
        "blocks": cipher.seal_bytes(said, sealing.place(id, "blocks")),
        **pdf_values(id, pdf),
    }
    return MadeDocument(id, one, kept)


def still(ready: MadeDocument | None, wanted: UnfiledDocument) -> MadeDocument:
    """What was made ahead, if it is what is to be filed now, to the letter; otherwise it is made again."""
    return ready if ready is not None and ready.made_of == wanted else make(wanted)


async def file_made(conn: AsyncConnection, made: Sequence[MadeDocument], now: int) -> None:
    """File what was made, in one transaction, at its end; otherwise as `file`."""
    if not made:
        return
    rows = [
        {
            "id": one.id,
            "account": one.made_of.account,
            "subject_kind": one.made_of.subject.kind,
            "subject_id": one.made_of.subject.id,
            "kind": one.made_of.kind,
            "serial": one.made_of.serial,
            "title": one.made_of.title,
            "blocks": EMPTY,
            "created_at": one.made_of.now,
        }
        for one in made
    ]
    await conn.execute(sa.insert(d), rows)
    acts = [SameAct(Subject(DOCUMENT, one.id), _change(one)) for one in made]
    # Its lock is what two filings at once wait for: the numbers come behind it.
    await audit.record_each(conn, audit.SERVICE, FILED, acts, now)
    await _number(conn, [(one.id, one.made_of.account, one.kept) for one in made])


def _change(one: MadeDocument) -> dict[str, Any]:
    return {"kind": one.made_of.kind, "about": str(one.made_of.subject), "sha256": one.kept["digest"]}


EMPTY = blocks.written([])
"""What `document` has in place of the blocks since they are kept encrypted."""


def footer_of(subject: Subject, title: str, content: list[Block]) -> str:
    """What stands at the foot of each page: the file's number, or the title of what is about no file. Pure.

    Raises LetterFailure for a letter that names another file than the one it is filed in (P14).
    """
    if subject.kind != SUBMISSION:
        return title
    of_file = file_number(subject.number)
    if any(block.name == "letterhead" for block in content) and of_file not in spoken(content):
        raise LetterFailure("a letter does not name the file in which it is filed")
    return f"Dossier {of_file}"


def pdf_values(document: str, pdf: bytes) -> dict[str, Any]:
    """The columns of a PDF, sealed by the newest key."""
    sealed = sealing.cipher().seal_bytes(pdf, sealing.place(document, "pdf"))
    return {"pdf": sealed, "digest": hashlib.sha256(pdf).hexdigest(), "size": len(pdf)}


async def _number(conn: AsyncConnection, files: Sequence[tuple[str, int, dict[str, Any]]]) -> None:
    """Write the file of each document (id, account, other columns) under the next number of its account, under the
    audit's lock: one after the other, so that two of one account have two numbers."""
    of_account = f.c.account == sa.bindparam("of_account")
    taken = sa.select(sa.func.coalesce(sa.func.max(f.c.number), 0) + 1).where(of_account)
    rows = [{"document": id, "account": of, "of_account": of, **kept} for id, of, kept in files]
    await conn.execute(sa.insert(f).values(number=taken.scalar_subquery()), rows)


async def number_all(conn: AsyncConnection, account: int) -> None:
    """Number the documents of an account that an earlier release filed, in their order."""
    await audit.lock(conn)
    bare = sa.select(d.c.id).select_from(_FROM).where(d.c.account == account, f.c.document.is_(None))
    for id in (await conn.execute(bare.order_by(d.c.created_at, d.c.id))).scalars().all():
        await _number(conn, [(id, account, {})])


async def next_serial(conn: AsyncConnection, subject: Subject, kind: DocumentKind) -> int:
    """The serial number of the next document of this kind about a subject."""
    about = (d.c.subject_kind == subject.kind, d.c.subject_id == subject.id, d.c.kind == kind)
    newest = await conn.execute(sa.select(sa.func.coalesce(sa.func.max(d.c.serial), 0)).where(*about))
    return int(newest.scalar_one()) + 1


async def next_serials(
    conn: AsyncConnection, subjects: Collection[Subject], kind: DocumentKind
) -> dict[Subject, int]:
    """The same of many subjects of one kind, in one statement."""
    about = (
        d.c.subject_kind.in_({one.kind for one in subjects}),
        d.c.subject_id.in_({one.id for one in subjects}),
    )
    newest = sa.select(d.c.subject_kind, d.c.subject_id, sa.func.max(d.c.serial).label("serial"))
    newest = newest.where(*about, d.c.kind == kind).group_by(d.c.subject_kind, d.c.subject_id)
    found = {Subject(row.subject_kind, row.subject_id): row.serial for row in await conn.execute(newest)}
    return {one: found.get(one, 0) + 1 for one in subjects}


async def of_account(conn: AsyncConnection, account: int) -> list[Document]:
    """All documents of an account, the latest first."""
    rows = await conn.execute(
        sa.select(*_LISTED)
        .select_from(_FROM)
        .where(d.c.account == account)
        .order_by(d.c.created_at.desc(), f.c.number.desc(), d.c.id)
    )
    return [msgspec.convert(tables.plain_row(row), Document) for row in rows]


async def of_subject(conn: AsyncConnection, subject: Subject) -> list[Document]:
    """The documents about one subject, in the order in which they were filed."""
    about = (d.c.subject_kind == subject.kind, d.c.subject_id == subject.id)
    rows = await conn.execute(
        sa.select(*_LISTED).select_from(_FROM).where(*about).order_by(d.c.created_at, f.c.number, d.c.id)
    )
    return [msgspec.convert(tables.plain_row(row), Document) for row in rows]


async def find(conn: AsyncConnection, document_id: str, account: int) -> OpenedDocument:
    """One document, if it is this account's. Refusal not_found, the same for all others."""
    if not _ID.match(document_id):
        raise Refusal(Code.NOT_FOUND)
    row = (
        await conn.execute(
            sa.select(*_LISTED, d.c.blocks, f.c.key, f.c.blocks.label("sealed"))
            .select_from(_FROM)
            .where(d.c.id == document_id, d.c.account == account)
        )
    ).one_or_none()
    if row is None:
        raise Refusal(Code.NOT_FOUND)
    said = sealing.opened(row.key, row.sealed, row.id, "blocks")
    document = msgspec.convert(tables.plain_row(row), Document)
    return OpenedDocument(document=document, blocks=blocks.read(said or row.blocks))
