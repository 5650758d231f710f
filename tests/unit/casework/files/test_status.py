"""Where a file stands, as a table of cases."""

import importlib.util
from itertools import pairwise

import pytest

from casework.files.states import FileEventKind as K
from casework.files.states import FileStatus as S
from casework.files.status import ENDED, MOVES, moved, moves_of, status_of
from submission.states import SubmissionStatus
from tests.support.places import ROOT

CASES = [
    ([], S.AWAITING_PAYMENT),
    ([K.PAID], S.PAID),
    ([K.PAID, K.PAID], S.PAID),
    ([K.PAID, K.CHECKLIST_SENT, K.ITEM_SETTLED], S.AWAITING_DOCUMENTS),
    ([K.PAID, K.CHECKLIST_SENT, K.DOCUMENTS_COMPLETE], S.IN_EXAMINATION),
    ([K.PAID, K.CHECKLIST_SENT, K.DOCUMENTS_COMPLETE, K.DOCUMENTS_REOPENED], S.AWAITING_DOCUMENTS),
    ([K.PAID, K.CHECKLIST_SENT, K.DOCUMENTS_COMPLETE, K.AMENDED, K.DECIDED], S.DECIDED),
    ([K.PAID, K.PAYMENT_REVERSED], S.REVERSED),
    ([K.PAID, K.PAYMENT_REVERSED, K.PAID], S.PAID),
    ([K.UNPAID_DELETED, K.PAID], S.UNPAID_DELETED),
    ([K.CHECKLIST_SENT], S.AWAITING_PAYMENT),
    ([K.DEADLINE_MOVED], S.AWAITING_PAYMENT),
]


@pytest.mark.parametrize(("events", "status"), CASES)
def test_the_status_is_folded_from_the_events(events: list[K], status: S) -> None:
    assert status_of(SubmissionStatus.SUBMITTED, events) is status


@pytest.mark.parametrize(("events", "status"), CASES)
def test_the_last_move_of_the_events_is_the_status(events: list[K], status: S) -> None:
    """Each move leads away from the status before it."""
    said = list(moves_of(events))
    moves = [S.AWAITING_PAYMENT, *(one for one in said if one is not None)]
    assert moves[-1] is status and len(said) == len(events)
    assert all(one is not other for one, other in pairwise(moves))


@pytest.mark.parametrize("standing", [one for one in SubmissionStatus if one != SubmissionStatus.SUBMITTED])
def test_what_became_of_the_submission_stands_above_its_events(standing: SubmissionStatus) -> None:
    assert status_of(standing, [K.PAID]) is ENDED[standing]


def test_an_end_has_no_way_on() -> None:
    for status in set(S) - set(MOVES):
        assert all(moved(status, event) is None for event in K)


def test_every_kind_happens_somewhere() -> None:
    assert all(any(moved(status, event) for status in MOVES) for event in K)


def test_the_drawing_of_the_tables_is_current() -> None:
    """`docs/file-life.md`; `python docs/tools/file_life.py` draws it anew."""
    spec = importlib.util.spec_from_file_location("file_life", ROOT / "docs" / "tools" / "file_life.py")
    assert spec is not None and spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert tool.DRAWING.read_text("utf-8") == tool.drawing()
