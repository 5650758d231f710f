"""A switch as programs read it; what the calls do is in `test_pages.py`, beside the same by pages."""

from console.switches.api import switch_shown
from tests.integration.console.switches.test_desk import PLAN


def test_instants_are_told_as_everywhere() -> None:
    """RFC 3339, and null where there is none."""
    shown = switch_shown(PLAN, 100)
    assert (shown["on_at"], shown["ended_at"], shown["state"]) == (
        "1970-01-01T00:00:00.200Z",
        None,
        "planned",
    )
