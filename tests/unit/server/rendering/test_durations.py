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
    assert plain(durations.duration_words(milliseconds)) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 seconde"),
        (1, "1 seconde"),
        (45, "45 secondes"),
        (60, "1 minute"),
        (90, "1 minute 30 secondes"),
        (600, "10 minutes"),
        (5400, "90 minutes"),
    ],
)
def test_the_time_that_a_rule_gives_is_whole_words(seconds: int, words: str) -> None:
    """A token of a minute is not « 1 minutes », and one of a minute and a half not less than it is."""
    assert plain(durations.time_words(seconds)) == words


def plain(words: str) -> str:
    return words.replace("\N{NO-BREAK SPACE}", " ")
