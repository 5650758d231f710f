"""Since when a file stands where it does."""

import pytest

from casework.files.states import FileEventKind, FileStatus
from console.casefiles.queue import standing_since
from submission.states import SubmissionStatus

_K, _S = FileEventKind, FileStatus


@pytest.mark.parametrize(
    ("kinds", "status", "since"),
    [
        ([], _S.AWAITING_PAYMENT, 0),
        ([_K.PAID], _S.PAID, 1),
        ([_K.PAID, _K.AMENDED], _S.PAID, 1),
        ([_K.PAID, _K.CHECKLIST_SENT, _K.ITEM_SETTLED], _S.AWAITING_DOCUMENTS, 2),
    ],
)
def test_what_moves_nothing_does_not_count(
    kinds: list[FileEventKind], status: FileStatus, since: int
) -> None:
    happened = [(kind, at) for at, kind in enumerate(kinds, 1)]
    assert standing_since(SubmissionStatus.SUBMITTED, 0, happened) == (status, since)
