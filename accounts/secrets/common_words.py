"""The shipped list of words that guessers try first (`common_words.txt` says how it was made)."""

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
def lengths() -> tuple[int, ...]:
    """The lengths of words, the longest first: « monprojetquebec » is found before « projet »."""
    return tuple(sorted({len(word) for word in words()}, reverse=True))


def at(text: str, place: int) -> str:
    """The longest word of the list that stands at this place of a folded text; empty for none."""
    return next((text[place : place + n] for n in lengths() if text[place : place + n] in words()), "")
