"""The table of changes of address."""

from accounts.email_change.store import email_change


def test_the_address_can_be_erased() -> None:
    """It is gone once a change is settled; tokens stand there as keyed hashes alone."""
    assert email_change.c.email.nullable
    assert {"confirm_key", "cancel_key"} < set(email_change.c.keys())
