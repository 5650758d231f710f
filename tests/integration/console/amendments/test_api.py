"""A waiting amendment as programs read it; the calls are in `test_pages.py`, beside the same by pages."""

from console.amendments.api import queued_shown
from console.amendments.desk import QueuedAmendment
from submission.forms.model import AmendmentKind


def test_nothing_of_whom_is_said() -> None:
    """Number, kind, instant, whether late."""
    one = QueuedAmendment(number="D-1", serial=2, kind=AmendmentKind.STATUS, at=0, is_late=False)
    assert queued_shown(one) == {
        "number": "D-1", "serial": 2, "kind": "status", "at": "1970-01-01T00:00:00.000Z", "late": False
    }  # fmt: skip
