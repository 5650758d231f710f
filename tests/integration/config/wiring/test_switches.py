"""The tasks of switches are among those that a worker does."""

from casework.switches.telling import SwitchTask
from tests.support.tasks import EFFECTS


def test_each_of_its_tasks_has_an_effect() -> None:
    """One that nobody does would wait for good."""
    assert {str(kind) for kind in SwitchTask} <= set(EFFECTS)
