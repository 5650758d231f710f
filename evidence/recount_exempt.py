"""P2 and P4 beside a quota: what was submitted outside it has no place of it, and nobody has both (ADR 0029). Pure."""

from evidence.books import Books, BrokenPromise, OutsideRow, found
from evidence.promises import Promise
from submission.exempt.states import ExemptClaimState
from submission.states import SubmissionStatus


def outside_kept_apart(books: Books) -> list[BrokenPromise]:
    """The findings on the ledger of the period's programme, beside the period."""
    receipts = {row.receipt: row for row in books.outside}
    inside = {row.account for row in books.submissions if row.status == SubmissionStatus.SUBMITTED}
    standing = [row for row in books.outside if row.status == SubmissionStatus.SUBMITTED]
    ranks = sorted(row.rank for row in books.outside)
    return [
        *found(
            Promise.P2,
            "a submission outside the quota took a token of it",
            [
                f"token {token.number}: {receipts[token.receipt]}"
                for token in books.tokens
                if token.receipt in receipts
            ],
        ),
        *found(
            Promise.P4,
            "an account has a place of the quota and a submission outside it",
            [_named(row) for row in standing if row.account in inside],
        ),
        *found(
            Promise.P3,
            "ranks outside the quota are not 1, 2, 3, ...",
            [f"{ranks} of {books.outside_ranks} given"]
            if ranks != list(range(1, len(ranks) + 1)) or len(ranks) != books.outside_ranks
            else [],
        ),
        *found(
            Promise.P3,
            "a submission outside the quota is not what its claim says",
            [_named(row) for row in books.outside if row.claim != claim_of(row.status)],
        ),
    ]


def claim_of(status: str) -> ExemptClaimState:
    """The state of the claim that a submission outside the quota was made with."""
    return ExemptClaimState.REMOVED if status == SubmissionStatus.REMOVED else ExemptClaimState.USED


def _named(row: OutsideRow) -> str:
    return f"receipt {row.receipt}, rank {row.rank} of the ledger, {row.status}, claim {row.claim}"
