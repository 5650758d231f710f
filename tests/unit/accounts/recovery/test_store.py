"""The table of recoveries."""

from accounts.recovery.store import recovery


def test_no_column_holds_an_address_or_a_token() -> None:
    """Only their keyed hashes."""
    assert not {"email", "token"} & set(recovery.c.keys())
