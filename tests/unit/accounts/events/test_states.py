"""Kinds of events of an account."""

from accounts.events.states import AccountEventKind


def test_kinds_are_written_as_they_are_called() -> None:
    """A kind keeps its word: it is in rows of years."""
    assert all(kind.value == kind.name.lower() for kind in AccountEventKind)
