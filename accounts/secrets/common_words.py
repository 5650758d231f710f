"""The shipped list of words that guessers try first (`common_words.txt` says how it was made)."""

from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from accounts import normalisation

SHORTEST = 3
"""Letters: two make no word that a guesser would try by itself."""


@cache
def words() -> frozenset[str]:
    """The words as passwords are compared."""
    text = files("accounts.secrets").joinpath("common_words.txt").read_text("utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    found = {normalisation.letters(word) for line in lines for word in line.split()}
    return frozenset(word for word in found if len(word) >= SHORTEST)


@cache
def _lengths() -> tuple[int, ...]:
    """The lengths of words."""
    return tuple(sorted({len(word) for word in words()}))


def at(text: str, place: int) -> Iterable[str]:
    """Every word of the list that stands at this place of a folded text: « mon » and « monprojetquebec »."""
    for length in _lengths():
        word = text[place : place + length]
        if len(word) < length:
            return
        if word in words():
            yield word
