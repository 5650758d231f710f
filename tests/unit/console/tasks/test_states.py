"""Where a task stands, and the words of it."""

import pytest

from console.tasks.states import KINDS, STANDS, TaskStand, stand_of
from foundation.outbox import TaskState
from tests.support.tasks import EFFECTS


@pytest.mark.parametrize(
    ("state", "due_at", "leased_until", "stand"),
    [
        pytest.param("staged", 0, 0, TaskStand.DUE, id="at-once"),
        pytest.param("staged", 100, 0, TaskStand.DUE, id="now"),
        pytest.param("staged", 101, 0, TaskStand.PLANNED, id="to-come"),
        pytest.param("staged", 0, 101, TaskStand.RUNNING, id="leased"),
        pytest.param("staged", 0, 100, TaskStand.DUE, id="lease-over"),
        pytest.param("done", 0, 200, TaskStand.DONE, id="done"),
        pytest.param("set_aside", 0, 0, TaskStand.SET_ASIDE, id="set-aside"),
        pytest.param("left", 0, 0, TaskStand.LEFT, id="left"),
    ],
)
def test_a_stand_follows_from_the_row_and_the_clock(
    state: str, due_at: int, leased_until: int, stand: TaskStand
) -> None:
    """At the instant 100."""
    assert stand_of(state, due_at, leased_until, 100) is stand


def test_every_stand_has_a_column_and_every_state_a_stand() -> None:
    """Nothing is hidden."""
    assert set(STANDS) == set(TaskStand)
    assert {str(state) for state in TaskState} - {"staged"} <= {str(stand) for stand in TaskStand}


def test_kinds_have_french() -> None:
    """Most of them: a kind without is shown by its own name."""
    assert sum(kind in KINDS for kind in EFFECTS) >= 18
