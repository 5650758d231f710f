"""The table of account events."""

from accounts.events.store import account_event


def test_an_event_outlives_its_account() -> None:
    """There is no foreign key: an account that is deleted leaves what happened."""
    assert not account_event.foreign_keys
