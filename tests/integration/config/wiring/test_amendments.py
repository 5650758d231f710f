"""The task of an amendment is among those that a worker does."""

from casework.amendments.amending import AmendmentTask
from tests.support.tasks import EFFECTS


def test_its_task_has_an_effect() -> None:
    """One that nobody does would wait for good."""
    assert {str(kind) for kind in AmendmentTask} <= set(EFFECTS)
