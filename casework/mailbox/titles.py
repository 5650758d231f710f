"""The title of a message: one line, which stands in the e-mail notice too. Pure."""

import re
from typing import Final

LONGEST: Final = 120
"""A subject line that mail programs show whole on a wide screen, and in two lines of a narrow one."""

_NOT_A_LINE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u2028\u2029"  # controls, and what breaks a line
    r"\u200e\u200f\u202a-\u202e\u2066-\u2069]"  # what turns the direction of the text around it
)


def checked(title: str) -> str:
    """The title as it is. Raises ValueError for what is no line of this length."""
    if not title.strip() or len(title) > LONGEST or _NOT_A_LINE.search(title):
        raise ValueError("a title is one line")
    return title
