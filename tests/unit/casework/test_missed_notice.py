"""What the notice of wrong tries says."""

from accounts.attempts.missed import MissedAttempts
from casework import blocks
from casework.missed_notice import blocks_of
from foundation.clock import parse_rfc3339

SINCE, NOW = parse_rfc3339("2016-06-13T12:30:00Z"), parse_rfc3339("2016-06-13T13:00:00Z")


def test_it_says_how_many_since_when_and_whether_the_password_is_known() -> None:
    """The sentence about the password is there only where somebody gave it."""
    knew = blocks.written(blocks_of(MissedAttempts(42, 3, SINCE), NOW))
    assert all(text in knew for text in ("42", "13\u00a0juin\u00a02016", "connaît peut-être ce mot de passe"))
    guessed = blocks.written(blocks_of(MissedAttempts(42, 0, SINCE), NOW))
    assert "connaît peut-être" not in guessed
    assert "n’est pas bloqué" in guessed
