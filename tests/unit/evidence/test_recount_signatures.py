"""Signatures counted from books."""

import msgspec
import pytest

from evidence.books import UNOPENED, Books, SignatureRow, SubmissionRow
from evidence.recount_signatures import is_under_its_text, signatures_kept, unopened
from submission.signing import declaration
from submission.signing.signatures import ELSEWHERE
from submission.states import Capacity
from tests.unit.evidence.sound_books import a_period

MADE = SubmissionRow(1, "R-1", 1, 2, 3, "p", content=ELSEWHERE)

MARK = SignatureRow(
    receipt="R-1", capacity="candidate", declaration=declaration.NEWEST,
    declaration_digest=declaration.digest(Capacity.CANDIDATE), content_digest="d", opened="d",
)  # fmt: skip


def broken(**values: str | None) -> list[str]:
    mark = msgspec.structs.replace(MARK, **values)
    books = Books(period=a_period(), submissions=[MADE], signatures=[mark])
    return [one.sentence for one in signatures_kept(books)]


def test_a_signed_submission_is_sound() -> None:
    """Also where nobody gave the keys; and one of an earlier release needs no signature."""
    assert broken() == [] and broken(opened=None) == []
    earlier = msgspec.structs.replace(MADE, content='{"training":{}}')
    assert signatures_kept(Books(period=a_period(), submissions=[earlier])) == []


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"receipt": "R-2"}, "has no signature"),
        ({"capacity": "lawyer"}, "another capacity"),
        ({"declaration": "1999"}, "nobody was shown"),
        ({"opened": "e"}, "not those that were signed"),
        ({"opened": UNOPENED}, "none of the keys"),
    ],
    ids=str,
)
def test_each_fault_has_its_sentence(values: dict[str, str], words: str) -> None:
    """What is not so is named with the submission it is of."""
    assert any(words in sentence for sentence in broken(**values))


def test_a_capacity_that_there_is_not_signs_nothing() -> None:
    """Whatever digest stands beside it."""
    assert is_under_its_text(MARK)
    assert not is_under_its_text(msgspec.structs.replace(MARK, capacity="notary"))


def test_what_was_not_opened_is_said() -> None:
    """How many, and what it takes to look."""
    books = Books(period=a_period(), signatures=[msgspec.structs.replace(MARK, opened=None), MARK])
    assert [one.rows for one in unopened(books)] == [
        ["1 of 2; give SECRET_KEYS to hold them against their digests"]
    ]
    assert unopened(Books(period=a_period(), signatures=[MARK])) == []
