"""The receipt's number: how one is made, and how one is recognised."""

import re
import secrets
from typing import Final

from accounts import normalisation

PREFIX: Final = "MPQ"

LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's 32: none looks like another, so that a number can be read out on the telephone."""

GROUPS, EACH = 4, 5
"""Of so many letters each: 100 random bits. Nobody guesses one, and none comes twice."""

PATTERN: Final = rf"{PREFIX}(-[{LETTERS}]{{{EACH}}}){{{GROUPS}}}"
"""For other patterns, such as that of an address."""

_READ_AS: Final = str.maketrans("OIL", "011")
"""Crockford's reading of the three letters that are not among his."""

_WHOLE: Final = re.compile(PATTERN)


def new_receipt() -> str:
    """`MPQ-7K2QX-...`, of random bytes that no one can foresee."""
    letters = "".join(LETTERS[byte % len(LETTERS)] for byte in secrets.token_bytes(GROUPS * EACH))
    return "-".join((PREFIX, *(letters[at : at + EACH] for at in range(0, len(letters), EACH))))


def is_receipt(text: str) -> bool:
    """Whether this can be a receipt's number."""
    return _WHOLE.fullmatch(text) is not None


def typed_receipt(text: str) -> str | None:
    """The receipt's number that somebody typed: in small letters, with other hyphens or none, with spaces, with the
    letters O, I or L for the digits that they look like. None for what cannot be one."""
    typed = normalisation.letters(text).upper()
    prefix, rest = typed[: len(PREFIX)], typed[len(PREFIX) :].translate(_READ_AS)
    number = "-".join((prefix, *(rest[at : at + EACH] for at in range(0, len(rest), EACH))))
    return number if is_receipt(number) else None
