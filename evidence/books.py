"""The books of one period: every row that says something about its promises, as values.

`verify.py` reads them in one look at the store; `recount.py` counts them.
"""

from collections.abc import Iterable

import msgspec

from evidence.promises import Promise
from quota.store import Period
from submission.states import Capacity, SubmissionStatus
from waitingroom.line.restorations import Restoration
from waitingroom.line.setbacks import Recollection

MOST_ROWS = 10
"""Shown of one finding."""

UNOPENED = ""
"""In place of a digest: none of the keys opens what is sealed."""


class JournalRow(msgspec.Struct, frozen=True):
    """A row of the journal; `at` and `step` are the two parts of the stream id."""

    epoch: int
    at: int
    step: int
    kind: str
    first: int
    last: int


class TokenRow(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    number: int
    state: str
    account: int | None = None
    call: int | None = None
    called_at: int | None = None
    called_clock: int | None = None
    ends: int | None = None
    ended_at: int | None = None
    ended_clock: int | None = None
    jti: str | None = None
    receipt: str | None = None


class CallRow(msgspec.Struct, frozen=True):
    id: int
    epoch: int
    clock: int
    listed_at: int
    passed_over: bytes | None = None


class SubmissionRow(msgspec.Struct, frozen=True):
    id: int
    receipt: str
    rank: int
    number: int
    account: int
    person: str
    status: str = SubmissionStatus.SUBMITTED
    capacity: str = Capacity.CANDIDATE
    content: str = ""
    pay_by: int = 0
    fee: str | None = None


class SignatureRow(msgspec.Struct, frozen=True, kw_only=True):
    """A signature; `opened` is the digest of what its sealed answers are, UNOPENED where no key opens them, None
    where none was given."""

    receipt: str
    capacity: str
    declaration: str
    declaration_digest: str
    content_digest: str
    opened: str | None = None


class OutsideRow(msgspec.Struct, frozen=True):
    """A submission outside the quota, of the programme's ledger; `claim` is the state of its claim, if it has one."""

    receipt: str
    rank: int
    account: int
    status: str
    claim: str | None = None


class TaskRow(msgspec.Struct, frozen=True):
    """A task of a submission; instants in milliseconds, `due_at` 0 for one that is due at once."""

    id: int
    submission: int
    kind: str
    state: str
    staged_at: int
    due_at: int = 0


class DocumentRow(msgspec.Struct, frozen=True):
    id: str
    submission: int
    kind: str


class MovementRow(msgspec.Struct, frozen=True):
    """A movement of money of a submission; `cents` whole, `on_day` as text, `at` the instant of its entry."""

    id: int
    submission: int
    kind: str
    instrument: str
    cents: int
    on_day: str
    key: str = ""
    at: int = 0


class SupplementRow(msgspec.Struct, frozen=True, kw_only=True):
    """What an amendment costs; `fee` as JSON, the rest instants."""

    id: int
    submission: int
    serial: int
    fee: str
    pay_by: int
    paid_at: int | None = None
    lapsed_at: int | None = None
    given_up_at: int | None = None


class MoneyCaseRow(msgspec.Struct, frozen=True):
    """Money that waits for a person, or of which one has decided; `cents` whole."""

    submission: int
    cents: int
    reason: str


class ReviewedAmendment(msgspec.Struct, frozen=True):
    """An amendment that an agent took into account, and the instant."""

    submission: int
    serial: int
    at: int


class ChequeRow(msgspec.Struct, frozen=True):
    """A refund by cheque that a decision owes; `cents` whole."""

    submission: int
    cents: int


class FileEventRow(msgspec.Struct, frozen=True):
    """What happened to a file, in the order in which it was recorded."""

    id: int
    submission: int
    kind: str
    moved_to: str | None = None
    at: int = 0
    detail: str = "{}"


class LineBooks(msgspec.Struct, frozen=True, kw_only=True):
    """What the line remembers of the period, where it was asked (before SQL)."""

    known: Recollection
    gone_without_row: list[int] = []
    """Numbers that are gone from the line, of which SQL knows nothing."""


class ProgrammePeriodRow(msgspec.Struct, frozen=True, kw_only=True):
    """A period of the programme: what it released, by tombstones of its files; whether it offers such places, and how
    many were taken, or are held by live tokens."""

    id: str
    state: str
    cap: int
    from_released: bool
    rules: str | None = None
    tombstones: int = 0
    taken: int = 0


class Books(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is recorded of one period, as one look at the store found it."""

    period: Period
    entries: list[JournalRow] = []
    tokens: list[TokenRow] = []
    calls: list[CallRow] = []
    submissions: list[SubmissionRow] = []
    signatures: list[SignatureRow] = []
    outside: list[OutsideRow] = []
    """What was submitted outside the quota of the programme (ADR 0029)."""
    outside_ranks: int = 0
    """Ranks that the programme's ledger has given."""
    tasks: list[TaskRow] = []
    documents: list[DocumentRow] = []
    factors: dict[int, float] = {}
    """The accommodation factor of each account that was given a token."""
    grants: list[tuple[int, int, float]] = []
    """Of these accounts, each accommodation that was granted: instant, account, and the factor until then."""
    alike: list[tuple[str, str, str]] = []
    """Pairs of submissions that may be of one person: what they have in common, and both receipts."""
    restorations: list[Restoration] = []
    line: LineBooks | None = None
    movements: list[MovementRow] = []
    file_events: list[FileEventRow] = []
    tombstones: list[int] = []
    """The submissions whose files were deleted as unpaid."""
    cheques: list[ChequeRow] = []
    supplements: list[SupplementRow] = []
    money_cases: list[MoneyCaseRow] = []
    going_back: dict[int, int] = {}
    """Submission -> the cents that are asked to go back to a card, and are here still."""
    given_back: dict[int, int] = {}
    """Submission -> the cents that people have had go back to a card, on their way or gone."""
    acknowledged: list[ReviewedAmendment] = []
    """The amendments that agents took into account."""
    outside_files: "Books | None" = None
    """The files and the money of what was submitted outside the quota, in books of their own."""
    programme: list[ProgrammePeriodRow] = []
    """Every period of the programme, this one too, in the order in which they were made."""
    makes: dict[str, str] = {}
    """Kinds of tasks that every submission has -> the kind of document that such a task makes ("" for none)."""


class BrokenPromise(msgspec.Struct, frozen=True):
    """A promise that does not hold: which, how, and the rows that show it (at most ten)."""

    promise: Promise
    sentence: str
    rows: list[str]


def found(promise: Promise, sentence: str, rows: Iterable[object]) -> list[BrokenPromise]:
    """What was found broken; nothing, when there are no rows that show it."""
    shown = [str(row) for row in rows]
    if not shown:
        return []
    more = [f"and {len(shown) - MOST_ROWS} more"] if len(shown) > MOST_ROWS else []
    return [BrokenPromise(promise, sentence, shown[:MOST_ROWS] + more)]
