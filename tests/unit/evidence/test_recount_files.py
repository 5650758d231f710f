"""What events say of where they brought their file is folded again."""

import pytest

from evidence.books import Books, FileEventRow
from evidence.promises import Promise
from evidence.recount_files import OTHER, files_stand
from tests.unit.evidence.sound_books import a_period

SOUND = [
    FileEventRow(1, 7, "paid", "paid"),
    FileEventRow(2, 8, "withdrawn", "withdrawn"),
    FileEventRow(3, 7, "checklist_sent", "awaiting_documents"),
    FileEventRow(4, 7, "checklist_sent"),
    FileEventRow(5, 8, "paid"),
    FileEventRow(6, 7, "payment_reversed", "reversed"),
    FileEventRow(7, 7, "paid", "paid"),
]


def books(*events: FileEventRow) -> Books:
    return Books(period=a_period(), file_events=list(events))


def test_sound_books() -> None:
    """Files among each other, an event that moves nothing, one that no status has, and a file that came back."""
    assert files_stand(books(*SOUND)) == []
    assert files_stand(books(*reversed(SOUND))) == []


@pytest.mark.parametrize(
    ("place", "moved_to"), [(0, None), (2, "in_examination"), (3, "awaiting_documents"), (4, "paid")]
)
def test_another_status_is_found(place: int, moved_to: str | None) -> None:
    """None where there is one, another one, one where nothing moved, and one of a file that has ended."""
    of = SOUND[place]
    wrong = FileEventRow(of.id, of.submission, of.kind, moved_to)
    (found,) = files_stand(books(*SOUND[:place], wrong, *SOUND[place + 1 :]))
    assert (found.promise, found.sentence) == (Promise.P3, OTHER)
    assert f"submission {of.submission}: {of.kind} says {moved_to}" in found.rows[0]
