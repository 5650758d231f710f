"""Where a draft stands."""

import pytest

from submission.drafts.retention import destroyed_after, kept_for, state_of
from submission.drafts.states import DraftState
from tests.support.candidates.values import OPENS

DAY_MS = 86_400_000

LAST = kept_for(OPENS, 90)


@pytest.mark.parametrize(
    ("submitted", "now", "state"),
    [
        (False, LAST, DraftState.LIVE),
        (False, LAST + 1, DraftState.RECOVERABLE),
        (True, OPENS, DraftState.SUBMITTED),
        (True, LAST + 1, DraftState.SUBMITTED),
    ],
    ids=["last instant", "over", "submitted", "submitted long ago"],
)
def test_a_draft_is_live_to_the_end_of_its_last_day(submitted: bool, now: int, state: DraftState) -> None:
    """Then it can be recovered; what was submitted is neither."""
    assert state_of(LAST, submitted, now) == state
    assert destroyed_after(LAST, 30) == LAST + 30 * DAY_MS
