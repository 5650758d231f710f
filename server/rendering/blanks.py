"""Pages that are rendered once and filled for each person: what is theirs stands in marked places.

A text that goes into a place is final: it is escaped by whoever fills it, and nothing in it is taken for a mark.
"""

import re
from collections.abc import Mapping

OPENS, CLOSES = "\ue000", "\ue001"
"""Of Unicode's private use: they stand in no text of ours."""


def mark(name: str) -> str:
    """The mark of a place; autoescape leaves it as it is."""
    return f"{OPENS}{name}{CLOSES}"


class Blank:
    """A page with marks, ready to be filled."""

    def __init__(self, page: str) -> None:
        escaped = page.replace("%", "%%").encode()
        self._page = re.sub(f"{OPENS}(\\w+){CLOSES}".encode(), rb"%(\1)b", escaped)

    def filled(self, theirs: Mapping[bytes, bytes]) -> bytes:
        """The page of one person. KeyError for a mark that has no text."""
        return self._page % theirs
