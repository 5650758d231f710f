"""What must not break in French, put in at the one place where texts leave for people's eyes.

Whoever writes a text writes plain spaces; a page and a letter have no-break ones inside « », before : ; ? and !, and
between a number and the sign of its unit. A page keeps the number of a file or a receipt, which has hyphens, on one
line. What somebody typed is left as it is where it goes back into a field. Pure.
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

_REFERENCE: Final = re.compile(r"\b[A-Z]{1,4}-(?=[0-9A-Z-]*[0-9])[0-9A-Z]{4,}(?:-[0-9A-Z]{2,})+\b")
"""A number that people read out and type, such as `D-0000123-20`: capitals and digits in groups."""

_HYPHENATED: Final = re.compile(r"-[0-9A-Z]{4,}-[0-9A-Z]")
"""The middle of one, which is sought from its hyphen: most pages have none, and cost one quick look."""

_OPENED: Final = '<span class="reference">'

_WHOLE: Final = rf"{_OPENED}\g<0></span>"
"""On a line of its own rather than broken at a hyphen; broken only where it is longer than the line (`base.css`)."""

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
    """A page with them in what is read between its tags, and with whole numbers there; attributes, fields and scripts
    as they are. The same again changes nothing."""
    has_references = _HYPHENATED.search(page) is not None
    if not has_references and _BREAKABLE.search(page) is None:
        return page
    pieces = _MARKUP.split(page)
    pieces[::2] = map(unbreakable, pieces[::2])
    for n in range(0, len(pieces), 2) if has_references else ():
        if _HYPHENATED.search(pieces[n]) and (n == 0 or pieces[n - 1] != _OPENED):
            pieces[n] = _REFERENCE.sub(_WHOLE, pieces[n])
    return "".join(pieces)
