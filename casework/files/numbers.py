"""The number of a file, as letters print it and clerks type it: it carries check digits (ISO/IEC 7064, MOD 97-10).

One wrong digit, two neighbours exchanged and the number of the next file are all found out; a number is made of the
submission's own, so that no table can give the same one twice.
"""

import re
from typing import Final

from accounts import normalisation

PREFIX: Final = "D"

DIGITS: Final = 7
"""At least so many before the check digits, with zeros in front."""

PATTERN: Final = rf"{PREFIX}-[0-9]{{{DIGITS},}}-[0-9]{{2}}"
"""For other patterns, such as that of an address."""

_TYPED: Final = re.compile(rf"{PREFIX}?([0-9]{{{DIGITS},17}})([0-9]{{2}})")


def file_number(submission: int) -> str:
    """The number of a submission's file, such as `D-0000123-20`."""
    return numbered(PREFIX, submission)


def numbered(prefix: str, number: int) -> str:
    """Any number as people read and type it, with check digits; `prefix` says what it counts."""
    return f"{prefix}-{number:0{DIGITS}}-{_check(number)}"


def typed_submission(text: str) -> int | None:
    """The submission whose file number somebody typed, with spaces, other hyphens or none; None for what is no number
    of a file. Whether there is such a submission is another question."""
    found = _TYPED.fullmatch(normalisation.letters(text).upper().translate(str.maketrans("OIL", "011")))
    if found is None or _check(int(found[1])) != found[2]:
        return None
    return int(found[1])


def _check(number: int) -> str:
    return f"{98 - number * 100 % 97:02}"
