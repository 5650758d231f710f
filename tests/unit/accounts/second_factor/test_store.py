"""The table of second factors."""

from accounts.second_factor.store import second_factor


def test_a_secret_is_empty_until_it_is_confirmed() -> None:
    """What waits stands apart, so that nobody is asked for a code they cannot have."""
    assert second_factor.c.secret.nullable
    assert second_factor.c.pending.nullable
