"""Every kind is handled."""

from casework.mailroom.handlers.registry import HANDLERS
from casework.mailroom.states import MailKind


def test_each_kind_has_a_handler_that_says_what_undoing_does() -> None:
    """A kind that is added later fails here until somebody decides."""
    assert set(HANDLERS) == set(MailKind)
    assert all(handler.taking_back.endswith(".") for handler in HANDLERS.values())
