import pytest

from server.rendering import durations


@pytest.mark.parametrize(
    ("milliseconds", "words"),
    [
        (-5, "0 s"),
        (59_999, "59 s"),
        (582_000, "9 min 42 s"),
        (60_000, "1 min 00 s"),
        (7_500_000, "2 h 05 min"),
        (90_000_000, "1 jour 1 h"),
        (180_000_000, "2 jours 2 h"),
    ],
)
def test_a_countdown_is_text(milliseconds: int, words: str) -> None:
    """A countdown reads without a stopwatch, and never below zero."""
    assert durations.duration_words(milliseconds) == words
