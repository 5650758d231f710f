"""The record of actions: every kind of event has its words, and a record is good until something happens."""

import pytest

from casework.blocks import TextTable, grouped, spoken
from casework.documents import Document
from casework.files.events import FileEvent, FileHistory
from casework.files.states import FileEventKind
from casework.letters.letterhead import LetterSender
from casework.letters.payment_letters import LetterWords
from casework.letters.printed import actions
from casework.letters.rendering import pdf_of
from submission.states import SubmissionStatus
from tests.support.casework.letters import NOW, head

DAY = 86_400_000


def history(*kinds: FileEventKind) -> FileHistory:
    happened = [FileEvent(kind=kind, at=NOW + (n + 1) * DAY, actor="service") for n, kind in enumerate(kinds)]
    return FileHistory(submission=123, standing=SubmissionStatus.SUBMITTED, events=happened)


def test_every_event_has_its_words() -> None:
    """Of all that can happen to a file."""
    assert set(actions.ACTS) == set(FileEventKind)


def test_a_record_says_what_happened_and_what_was_filed_with_its_digest() -> None:
    """In order, and as PDF too, however long it is."""
    filed = Document(
        id="x" * 22, kind="file_opening", title="Lettre", created_at=NOW, number=2, digest="ab" * 32
    )
    content = actions.blocks_of(
        head(), LetterWords("Démonstration", LetterSender("Ministère")), [(NOW, SubmissionStatus.SUBMITTED)],
        history(*[FileEventKind.PAID, *[FileEventKind.AMENDED] * 60]), [filed] * 30, NOW + 90 * DAY,
    )  # fmt: skip
    acts, documents = (block for block in content if isinstance(block, TextTable))
    assert [row[1] for row in acts.rows][:2] == ["Demande soumise", "Frais payés en entier"] or len(
        acts.rows
    ) == 62
    assert documents.rows[0][0] == "2" and documents.rows[0][3] == grouped("ab" * 32)
    assert pdf_of(content, actions.TITLE, "Dossier D-0000123-20", NOW).startswith(b"%PDF")
    assert " ".join(["abababab"] * 8) in spoken(content)


@pytest.mark.parametrize(("made", "good"), [(DAY, False), (2 * DAY, True), (3 * DAY, True)])
def test_a_record_is_good_until_something_happens(made: int, good: bool) -> None:
    """An event of the second day: what was made on the first says too little."""
    happened = history(FileEventKind.PAID, FileEventKind.AMENDED)
    assert actions.is_good(NOW + made, [(NOW, SubmissionStatus.SUBMITTED)], happened, []) is good


def test_a_document_is_something_that_happened() -> None:
    """A letter that was filed since."""
    later = Document(id="x", kind="file_opening", title="Lettre", created_at=NOW + 5)
    assert not actions.is_good(NOW, [], history(), [later])
