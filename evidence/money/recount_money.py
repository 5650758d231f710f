"""P15 from the movements: who is paid and counted is what their sums say, and what was deleted is gone. Pure.

The service decides by events; here the money is summed up again, file by file, and both must say the same.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date

from casework.files.states import FileEventKind
from casework.payments.movements import Movement, balance, completed_by
from casework.payments.states import Instrument, MoneyReason, MovementKind
from evidence.books import UNOPENED, Books, BrokenPromise, SubmissionRow, found
from evidence.promises import Promise
from foundation.calendar.days import day_of
from foundation.money import dollars
from submission import fees
from submission.signing import frozen
from submission.signing.frozen import FrozenAnswers
from submission.states import SubmissionStatus

DELETIONS = frozenset({FileEventKind.UNPAID_DELETED, FileEventKind.RETURNED_DELETED})


def money_adds_up(books: Books) -> list[BrokenPromise]:
    """Each check's findings."""
    paid, moved, deleted = paid_files(books), moved_of(books), _deleted(books)
    fee_of = {row.id: 0 if (fee := fees.read(row.fee)) is None else fee.cents for row in books.submissions}
    withdrawn, owed = withdrawn_files(books), _owed(books)
    with_fee = [row for row in books.submissions if fee_of[row.id]]
    void = {row.id for row in books.submissions if row.status != SubmissionStatus.SUBMITTED}
    kept, settled = paid - withdrawn - void, paid | deleted | withdrawn
    asked_about = _decided_and_back(books, moved, fee_of)
    destroyed, buried = _destroyed(books), set(books.tombstones)
    return [
        *found(
            Promise.P15,
            "a file is paid, and its movements do not make up its fee",
            [
                _named(row)
                for row in with_fee
                if row.id in kept - asked_about and balance(moved[row.id]) < fee_of[row.id]
            ],
        ),
        *found(
            Promise.P15,
            "more money is here than a file is asked for, and nobody was asked to decide of it",
            list(_unplaced(books, kept, moved, fee_of)),
        ),
        *found(
            Promise.P15,
            "the whole fee of a file came in time, and it is not paid",
            [
                _named(row)
                for row in with_fee
                if row.id not in settled
                and row.status == SubmissionStatus.SUBMITTED
                and is_in_time(moved[row.id], fee_of[row.id], day_of(row.pay_by))
            ],
        ),
        *found(
            Promise.P15,
            "money of a payment by post went out, and no cheque is on record for it",
            [_named(row) for row in books.submissions if _went_out(moved[row.id]) > owed[row.id]],
        ),
        *found(
            Promise.P15,
            "a file was deleted as unpaid, and it is paid",
            [_named(row) for row in books.submissions if row.id in paid and row.id in deleted],
        ),
        *found(
            Promise.P15,
            "money of a deleted file is here, and nobody was asked to decide of it",
            list(_left_behind(books, deleted - paid, moved)),
        ),
        *found(
            Promise.P15,
            "a file was deleted without a tombstone",
            [_named(row) for row in books.submissions if row.id in deleted and row.id not in buried],
        ),
        *found(
            Promise.P15,
            "answers of a deleted file are still there",
            [
                _named(row)
                for row in books.submissions
                if row.id in deleted and not destroyed.get(row.receipt, True)
            ],
        ),
    ]


def is_in_time(moved: list[Movement], fee: int, pay_by: date) -> bool:
    """Whether the movement that made up the fee came by the last day to pay."""
    completing = completed_by(moved, fee)
    return completing is not None and completing.on_day <= pay_by


def paid_files(books: Books) -> set[int]:
    """The submissions whose newest word on their payment is that it is here."""
    newest: dict[int, str] = {}
    for event in books.file_events:
        if event.kind in {FileEventKind.PAID, FileEventKind.PAYMENT_REVERSED}:
            newest[event.submission] = event.kind
    return {number for number, kind in newest.items() if kind == FileEventKind.PAID}


def free_files(books: Books) -> set[int]:
    """The submissions that were opened without fees, for their programme asks for none (PY-10)."""
    return {one.submission for one in books.file_events if one.kind == FileEventKind.OPENED}


def withdrawn_files(books: Books) -> set[int]:
    """The submissions that their candidates took back."""
    return {one.submission for one in books.file_events if one.kind == FileEventKind.WITHDRAWN}


def counted(books: Books) -> int:
    """How many are paid in time, by the movements alone (QU-05), or opened without fees; void, refused and withdrawn
    ones are not counted."""
    moved, withdrawn = moved_of(books), withdrawn_files(books)
    free, paid = free_files(books) - withdrawn, paid_files(books) - withdrawn
    return sum(
        row.status == SubmissionStatus.SUBMITTED and _is_counted(row, free, paid, moved)
        for row in books.submissions
    )


def _is_counted(
    row: SubmissionRow, free: set[int], paid: set[int], moved: Mapping[int, list[Movement]]
) -> bool:
    fee = fees.read(row.fee)
    is_here = fee is not None and completed_by(moved[row.id], fee.cents) is not None
    return row.id in free or (is_here and row.id in paid)


def _decided_and_back(
    books: Books, moved: Mapping[int, list[Movement]], fee_of: Mapping[int, int]
) -> set[int]:
    """The files that are decided, and of whose fee that went back a person was asked, or had it go back themselves."""
    decided = {one.submission for one in books.file_events if one.kind == FileEventKind.DECIDED}
    asked = {one.submission for one in books.money_cases if one.reason == MoneyReason.REVERSED}
    given = defaultdict[int, int](int, books.given_back)
    for cheque in books.cheques:
        given[cheque.submission] += cheque.cents
    return {one for one in decided if one in asked or balance(moved[one]) + given[one] >= fee_of.get(one, 0)}


def _unplaced(
    books: Books, kept: set[int], moved: Mapping[int, list[Movement]], fee_of: Mapping[int, int]
) -> Iterator[str]:
    """Paid files that have more than fee and supplements, beyond what a person was asked to decide of."""
    asked, cases = defaultdict[int, int](int), defaultdict[int, int](int)
    for row in books.supplements:
        fee = fees.read(row.fee)
        asked[row.submission] += 0 if fee is None or row.lapsed_at is not None else fee.cents
    for case in books.money_cases:
        cases[case.submission] += case.cents
    for file in books.submissions:
        above = balance(moved[file.id]) - fee_of[file.id] - asked[file.id]
        if file.id in kept and fee_of[file.id] and above > cases[file.id]:
            yield f"{_named(file)}: {dollars(above)} above what is asked for"


def _left_behind(books: Books, deleted: set[int], moved: Mapping[int, list[Movement]]) -> Iterator[str]:
    """Deleted files with money that is neither on its way back nor what a person was asked to give back."""
    asked = defaultdict[int, int](int, books.going_back)
    for case in books.money_cases:
        asked[case.submission] += case.cents if case.reason in GIVES_BACK else 0
    for file in books.submissions:
        left = balance(moved[file.id])
        if file.id in deleted and left > asked[file.id]:
            yield f"{_named(file)}: {dollars(left)}"


GIVES_BACK = frozenset(
    {
        MoneyReason.ENDED,
        MoneyReason.TOO_MUCH,
        MoneyReason.LATE,
        MoneyReason.LAPSED,
        MoneyReason.REFUND_REFUSED,
    }
)
"""Reasons for which a person decides of money that is here; what was reversed has gone back."""


def _destroyed(books: Books) -> dict[str, bool]:
    """Receipt -> whether nothing is sealed in place of the answers; True where no key was given to look. A receipt
    without a signature is not in it: nothing of it is there."""
    nothing = frozen.digest(frozen.canonical(FrozenAnswers(books.period.programme, "", "", [])))
    return {one.receipt: one.opened in (None, UNOPENED, nothing) for one in reversed(books.signatures)}


def _went_out(moved: list[Movement]) -> int:
    """The cents that left otherwise than by a card, or as the instrument that came."""
    return sum(
        one.cents for one in moved if one.kind is MovementKind.OUT and one.instrument is not Instrument.CARD
    )


def _owed(books: Books) -> dict[int, int]:
    owed: dict[int, int] = defaultdict(int)
    for one in books.cheques:
        owed[one.submission] += one.cents
    return owed


def _deleted(books: Books) -> set[int]:
    return {event.submission for event in books.file_events if event.kind in DELETIONS}


def moved_of(books: Books) -> dict[int, list[Movement]]:
    """The movements of each submission, in the order in which they were entered."""
    moved: dict[int, list[Movement]] = defaultdict(list)
    for row in books.movements:
        moved[row.submission].append(
            Movement(
                kind=MovementKind(row.kind), instrument=Instrument(row.instrument), cents=row.cents,
                on_day=date.fromisoformat(row.on_day), key=row.key or str(row.id), at=row.at,
            )
        )  # fmt: skip
    return moved


def _named(row: SubmissionRow) -> str:
    return f"submission {row.id}, rank {row.rank}"
