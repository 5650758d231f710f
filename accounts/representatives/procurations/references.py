"""The reference of a procuration: printed on its form, typed by the mailroom. It says nothing of anybody. Pure."""

import re
import secrets
from typing import Final

from accounts import normalisation

PREFIX: Final = "PR"

LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's 32: none looks like another on paper."""

GROUPS, EACH = 2, 5
"""Of so many letters each; the last one checks the others."""

PATTERN: Final = rf"{PREFIX}(-[{LETTERS}]{{{EACH}}}){{{GROUPS}}}"
"""For other patterns, such as that of an address."""

_READ_AS: Final = str.maketrans("OIL", "011")

_WHOLE: Final = re.compile(PATTERN)


def new_reference() -> str:
    """`PR-7K2QX-9M4TD`: 45 random bits and a check letter."""
    letters = "".join(LETTERS[byte % len(LETTERS)] for byte in secrets.token_bytes(GROUPS * EACH - 1))
    return _written(letters + _check(letters))


def typed_reference(text: str) -> str | None:
    """The reference that somebody typed: in small letters, with or without hyphens, O, I or L for the digits that they
    look like. None for what cannot be one: a letter that was misread is no other person's reference."""
    typed = normalisation.letters(text).upper()
    prefix, letters = typed[: len(PREFIX)], typed[len(PREFIX) :].translate(_READ_AS)
    reference = _written(letters)
    if prefix != PREFIX or not _WHOLE.fullmatch(reference) or letters[-1] != _check(letters[:-1]):
        return None
    return reference


def _written(letters: str) -> str:
    return "-".join((PREFIX, *(letters[at : at + EACH] for at in range(0, len(letters), EACH))))


def _check(letters: str) -> str:
    """A sum with odd weights modulo 32: any one letter that is another, and any two neighbours that changed places and
    do not differ by 16, give another check letter."""
    return LETTERS[sum((2 * at + 1) * LETTERS.index(letter) for at, letter in enumerate(letters)) % 32]
