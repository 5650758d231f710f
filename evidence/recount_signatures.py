"""P3 of what was signed: every submission has its signature, under a text that there was, of the answers that are kept.

Pure. Answers are sealed: whether their digest is the one that was signed is only known where the keys were given.
"""

from evidence.books import UNOPENED, Books, BrokenPromise, SignatureRow, SubmissionRow, found
from evidence.promises import Promise
from submission.signing import declaration
from submission.signing.signatures import ELSEWHERE
from submission.states import capacity_of


def signatures_kept(books: Books) -> list[BrokenPromise]:
    """Each check's findings; a submission that an earlier release took has its answers in its own row, unsigned."""
    signed = {row.receipt: row for row in books.signatures}
    made = {row.receipt: row for row in books.submissions}
    both = [(made[receipt], signed[receipt]) for receipt in made.keys() & signed.keys()]
    return [
        *found(
            Promise.P3,
            "a submission has no signature",
            [
                _named(row)
                for row in books.submissions
                if row.content == ELSEWHERE and row.receipt not in signed
            ],
        ),
        *found(
            Promise.P3,
            "a signature is in another capacity than its submission says",
            [_named(row) for row, mark in both if mark.capacity != row.capacity],
        ),
        *found(
            Promise.P3,
            "a signature is under a text that nobody was shown",
            [f"{_named(row)}: {mark.declaration}" for row, mark in both if not is_under_its_text(mark)],
        ),
        *found(
            Promise.P3,
            "the answers that are kept are not those that were signed",
            [
                _named(row)
                for row, mark in both
                if row.id not in books.tombstones and mark.opened not in (None, UNOPENED, mark.content_digest)
            ],
        ),
        *found(
            Promise.P3,
            "answers are sealed with none of the keys that were given",
            [_named(row) for row, mark in both if mark.opened == UNOPENED],
        ),
    ]


def is_under_its_text(mark: SignatureRow) -> bool:
    """Whether the digest is that of the version of the declaration which it names."""
    capacity = capacity_of(mark.capacity)
    if capacity is None or mark.declaration not in declaration.DECLARATIONS:
        return False
    return mark.declaration_digest == declaration.digest(capacity, mark.declaration)


def unopened(books: Books) -> list[BrokenPromise]:
    """Signatures whose answers were not looked at, as no key was given: said, and nothing is broken by it."""
    unseen = sum(mark.opened is None for mark in books.signatures)
    told = [f"{unseen} of {len(books.signatures)}; give SECRET_KEYS to hold them against their digests"]
    return found(Promise.P3, "answers were not opened", told if unseen else [])


def _named(row: SubmissionRow) -> str:
    return f"submission {row.id}, rank {row.rank}, number {row.number}"
