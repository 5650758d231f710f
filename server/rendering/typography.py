"""Spaces that must not break in French, put in at the one place where texts leave for people's eyes.

Whoever writes a text writes plain spaces; a page and a letter have no-break ones inside « », before : ; ? and !, and
between a number and the sign of its unit. What somebody typed is left as it is where it goes back into a field. Pure.
"""

import re
from functools import lru_cache
from typing import Final

from server.rendering.counted import NBSP

_BREAKABLE: Final = re.compile(
    r"(?<=«) | (?=»)"
    r"| (?=[:;?!](?:[\s)»\"”]|$))"
    r"|(?<=\d) (?=(?:\$|%|°|h|min|s|ms|ko|Mo|Go)(?:\W|$))"
    r"|(?<=\bn°) (?=\d)"
)

_VERBATIM: Final = "title|script|style|textarea|pre|code|option"

_MARKUP: Final = re.compile(rf"(<(?:{_VERBATIM})\b.*?</(?:{_VERBATIM})>|<[^>]*>)", re.DOTALL)
"""What is no text between tags; what stands in the first ones is kept to the letter."""


def unbreakable(text: str) -> str:
    """A text with its no-break spaces. The same again changes nothing."""
    return _BREAKABLE.sub(NBSP, text)


@lru_cache(4_096)
def unbreakable_span(text: str) -> str:
    """A span of time with them, remembered: thousands are told the same few in a minute."""
    return unbreakable(text)


def unbreakable_page(page: str) -> str:
    """A page with them in what is read between its tags; attributes, fields and scripts as they are."""
    if _BREAKABLE.search(page) is None:
        return page
    pieces = _MARKUP.split(page)
    pieces[::2] = map(unbreakable, pieces[::2])
    return "".join(pieces)
