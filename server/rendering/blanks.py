"""Pages that are rendered once and filled for each person: what is theirs stands in marked places.

A text that goes into a place is final: it is escaped by whoever fills it, and nothing in it is taken for a mark.
"""

import re
import secrets
from collections.abc import Mapping, Sequence

from markupsafe import escape

OPENS, CLOSES = f"\ue000{secrets.token_hex(4)}", "\ue001"
"""Of Unicode's private use, with what nobody can know: a notice may hold any sign, and is no mark."""


def mark(name: str) -> str:
    """The mark of a place; autoescape leaves it as it is."""
    return f"{OPENS}{name}{CLOSES}"


def escaped(texts: Sequence[str]) -> list[bytes]:
    """What people have typed, as it is written into markup: all in one go, which takes a tenth of the time."""
    together = escape("\0".join(texts)).encode().split(b"\0")
    if len(together) == len(texts):
        return together
    return [escape(text).encode() for text in texts]  # a text with a NUL, or none at all


class Blank:
    """A page with marks, ready to be filled."""

    def __init__(self, page: str) -> None:
        escaped = page.replace("%", "%%").encode()
        self._page = re.sub(f"{OPENS}(\\w+){CLOSES}".encode(), rb"%(\1)b", escaped)

    def filled(self, theirs: Mapping[bytes, bytes]) -> bytes:
        """The page of one person. KeyError for a mark that has no text."""
        return self._page % theirs
