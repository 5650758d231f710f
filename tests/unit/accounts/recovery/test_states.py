"""What may be lost has words for the form."""

from accounts.recovery.states import HINTS, WORDS, LostSecret


def test_each_lost_secret_has_its_words() -> None:
    """None more."""
    assert set(WORDS) == set(HINTS) == set(LostSecret)
