"""A part of a body by its bytes (RFC 9110, 14): players of sounds ask for one, and some play nothing without."""

import re
from typing import Final


class Unsatisfiable(Exception):
    """A range that begins behind the end."""


_RANGE: Final = re.compile(rb"bytes=[ \t]*(\d{0,18})-(\d{0,18})[ \t]*", re.IGNORECASE)


def wanted(header: bytes, length: int) -> slice | None:
    """The bytes that a `Range` asks for; None for all: what is no range, or several, may be ignored. Raises
    Unsatisfiable."""
    match = _RANGE.fullmatch(header.strip())
    if match is None or match.groups() == (b"", b""):
        return None
    first, last = match.groups()
    if not first:  # so many from the end
        if not int(last):
            raise Unsatisfiable
        return slice(max(0, length - int(last)), length)
    start = int(first)
    if last and int(last) < start:
        return None
    if start >= length:
        raise Unsatisfiable
    return slice(start, min(int(last) + 1, length) if last else length)
